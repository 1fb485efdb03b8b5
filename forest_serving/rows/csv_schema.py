"""The pattern of a line of CSV, made from a card: what follows it is answered."""

import re
from itertools import groupby
from math import log10

from forest_serving.card import Card, Feature
from forest_serving.rows.csv_rows import csv_line

_FRACTION = r"(\.[0-9]{1,20})?"  # as Python writes numbers
_LARGE = rf"[0-9]{_FRACTION}e\+?([0-2]?[0-9]|3[0-7])"
_MOST = 1e38  # the pattern's numbers are below
_UNKNOWN = {str: "[A-Za-z]{1,20}", bool: "true|false", int: "[0-9]{1,9}", float: "[0-9]{1,9}"}


def csv_pattern(card: Card) -> str:
    """Return the regular expression of a row as a line."""
    runs = [(pattern, len(list(same))) for pattern, same in groupby(map(_value, card.features))]
    (first, n_first), *others = runs
    repeated = [first, *([rf"(,{first}){{{n_first - 1}}}"] if n_first > 1 else [])]
    return f"^{''.join([*repeated, *(rf'(,{pattern}){{{n}}}' for pattern, n in others)])}$"


def _value(feature: Feature) -> str:
    pattern = _categories(feature) if feature.categories else _number(feature)
    return f"({pattern})?" if feature.takes_missing else pattern


def _number(feature: Feature) -> str:
    """Return the pattern of numbers that are surely within the bounds."""
    n_digits = 16 if feature.highest >= 1e16 else max(1, int(log10(max(1.0, feature.highest))))
    small = rf"[0-9]{{1,{n_digits}}}{_FRACTION}(e-[0-9]{{1,3}})?"
    sign = "-?" if feature.lowest <= -_MOST else ""
    return f"{sign}({small}|{_LARGE})" if feature.highest >= _MOST else f"{sign}({small})"


def _categories(feature: Feature) -> str:
    known = [re.sub(r"([\\^$.*+?()\[\]{}|])", r"\\\1", csv_line([label])) for label in feature.categories]
    unknown = [_UNKNOWN[type(feature.categories[0])]] if feature.takes_unknown else []
    return f"({'|'.join([*known, *unknown])})"
