"""A column of a file as values of JSON: by the model's column, in the type that it takes, or as they look."""

import re
from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

from forest_serving.card import UNKNOWN
from forest_serving.rows.values import Column, Refused, is_missing, number_in

Convert = Callable[[Sequence[Any]], Sequence[Any]]
_MOST_KNOWN = 10_000  # values whose meaning is kept
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")  # of JSON: not 007, which is no number here
_LONGEST_INTEGER = 18  # digits


class Faulty(Exception):
    """A value that its column does not take.

    Args:
        position: which of a piece's values.
        words: why, going on after the column's name.
    """

    def __init__(self, position: int, words: str) -> None:
        super().__init__(words)
        self.position = position
        self.words = words


def by_column(column: Column, are_texts: bool) -> Convert:
    """Return what converts the values of a model's column; it raises Faulty for the first that does not fit."""
    parse: Callable[[Any], float] = column.parse_text if are_texts else column.parse
    value_of = _category_of(column, parse) if column.feature.categories else _number_of(parse)

    def convert(values: Sequence[Any]) -> Sequence[Any]:
        found = None if column.feature.categories else _plain_numbers(values, column, are_texts)
        return _each(value_of, values) if found is None else found

    return convert


def as_they_look(values: Sequence[Any]) -> Sequence[Any]:
    """Return texts, and numbers where a text is one; an empty text is a gap."""
    return _each(_seen, values)


def as_they_are(values: Sequence[Any]) -> Sequence[Any]:
    """Return scalars; raise Faulty for a value that JSON has none for."""
    return _each(_scalar, values)


def _each(value_of: Callable[[Any], Any], values: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    try:
        for value in values:
            found.append(value_of(value))
    except Refused as refused:
        raise Faulty(len(found), str(refused)) from None
    return found


def _plain_numbers(values: Sequence[Any], column: Column, are_texts: bool) -> list[float] | None:
    """Return numbers that are all surely good; None if one is odd, or a gap."""
    feature = column.feature
    try:
        if are_texts:
            if "_" in "".join(values):  # Python alone reads 1_000
                return None
            numbers = list(map(float, values))
        elif set(map(type, values)) <= {int, float}:
            numbers = list(values)
        else:
            return None
    except ValueError:
        return None
    is_good = feature.lowest <= min(numbers) and max(numbers) <= feature.highest and not isnan(sum(numbers))
    return numbers if is_good else None


def _number_of(parse: Callable[[Any], float]) -> Callable[[Any], float | None]:
    def number(value: Any) -> float | None:
        found = parse(value)
        return None if isnan(found) else found

    return number


def _category_of(column: Column, parse: Callable[[Any], float]) -> Callable[[Any], Any]:
    """Return what finds a category, in the type that the model has it in; unknown ones stay as they are."""
    known: dict[Any, Any] = {}
    labels = column.feature.categories

    def category(value: Any) -> Any:
        key = type(value), value
        if key in known:
            return known[key]
        code = parse(value)
        found = None if isnan(code) else _unknown(value, column) if code == UNKNOWN else labels[int(code)]
        if len(known) < _MOST_KNOWN:
            known[key] = found
        return found

    return category


def _unknown(value: Any, column: Column) -> Any:
    return number_in(value) if isinstance(value, str) and column.is_numeric else value


def _seen(text: str) -> Any:
    if not text:
        return None
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    is_integer = not (number[2] or number[3]) and len(text) <= _LONGEST_INTEGER
    found = int(text) if is_integer else float(text)
    return found if abs(found) < float("inf") else text


def _scalar(value: Any) -> Any:
    if is_missing(value):
        return None
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return float(value)
    if not isinstance(value, int | float | str):
        raise Refused(f" holds {type(value).__name__}, which is no number, text or boolean")
    if value in (float("inf"), float("-inf")):
        raise Refused(" is infinite; JSON has no such number")
    return value
