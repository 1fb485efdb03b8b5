"""What a row of CSV looks like, as a regular expression for the OpenAPI document."""

import re
from itertools import groupby

from forest_serving.card import Card, Feature, Label

_FRACTION = r"(\.[0-9]{1,20})?"
_SMALL, _LARGE = rf"[0-9]{{1,16}}{_FRACTION}(e-[0-9]{{1,3}})?", rf"[0-9]{_FRACTION}e\+?([0-2]?[0-9]|3[0-7])"
_NUMBER = f"-?({_SMALL}|{_LARGE})"  # as Python writes it, within what every model answers for
_SPECIAL = re.compile(r"[][\\.^$*+?(){}|/]")  # re.escape escapes more than JSON's schemas allow


def csv_pattern(card: Card) -> str:
    """Return a pattern that rows of a model follow, one row a line."""
    alike = [(field, len(list(columns))) for field, columns in groupby(map(_field, card.features))]
    return f"^{','.join(f'{field}(,{field}){{{n - 1}}}' for field, n in alike)}$"


def _field(feature: Feature) -> str:
    values = map(_category, feature.categories) if feature.categories else [_NUMBER]
    return f"({'|'.join(values)}){'?' if feature.takes_missing else ''}"


def _category(label: Label) -> str:
    """Return a pattern of one category, in quotes where CSV needs them."""
    text = str(label)
    if set(text) & set('",\r\n'):
        text = '"{}"'.format(text.replace('"', '""'))
    return _SPECIAL.sub(r"\\\g<0>", text)
