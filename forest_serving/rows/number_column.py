"""A column of numbers."""

import math
from typing import Any

from forest_serving.card import HIGHEST, Feature
from forest_serving.rows.numbers import number_type
from forest_serving.rows.values import Column, Refused, is_missing, is_number, number_in, unboxed
from forest_serving.rows.words import kind_of, shown, shown_number

NOT_PLAIN = " is NaN, infinite or beyond ±3.4e38"


class NumberColumn(Column):
    """A column of numbers.

    Args:
        feature: the card's.
        is_plain: whether errors may take for granted that all columns of the model are plain.
    """

    def __init__(self, feature: Feature, is_plain: bool = False) -> None:
        super().__init__(feature)
        self.codes, self.is_numeric, self.datatype = {}, True, "FP64"
        self.lowest, self.highest = feature.lowest, feature.highest
        self.is_plain = is_plain
        number = number_type(self.lowest, self.highest)
        self.json_type = number | None if feature.takes_missing else number

    def place(self, position: int) -> str:
        """Return how errors call the column: by its position, as in lists, and by its name."""
        return f"number {position} ({self.feature.name})"

    def parse(self, value: Any) -> float:
        """Return a number as a double; integers are rounded to the nearest, as JSON readers do."""
        if type(value) is int:
            value = _double(value)
        if type(value) is float and self.lowest <= value <= self.highest:
            return value
        value = unboxed(value)
        if is_missing(value) and not self.is_plain:
            return self.missing()
        if not is_number(value):
            raise Refused(f" is {kind_of(value)}{'' if self.is_plain else '; send a number'}")
        return self.checked(float(value))

    def parse_text(self, text: str) -> float:
        """Return a field's number; an empty field is a missing one."""
        number = number_in(text)
        if number is not None and not math.isnan(number):
            return self.checked(number)
        if not text.strip():
            return self.missing()
        gap = "; leave the field empty if it is missing" if self.feature.takes_missing else ""
        raise Refused(f' is "{shown(text)}"; send a number{gap}')

    def checked(self, number: float) -> float:
        """Return a number; raise Refused if it is out of bounds. NaN stands for a missing one."""
        if self.lowest <= number <= self.highest:
            return number
        if self.is_plain:
            raise Refused(NOT_PLAIN)
        if math.isnan(number):
            return self.missing()
        if math.isinf(number):
            raise Refused(" is infinite, or too large for a double; send a finite number")
        is_low = number < self.lowest
        bound = f"below {shown_number(self.lowest)}" if is_low else f"above {shown_number(self.highest)}"
        end = "lowest" if is_low else "highest"
        raise Refused(f" is {shown_number(number)}, {bound}, the {end} value that the model answers")


def is_plain(feature: Feature) -> bool:
    """Return whether a feature is any number that float32 holds, and never missing."""
    return not feature.categories and not feature.takes_missing and -feature.lowest == feature.highest == HIGHEST


def _double(number: int) -> float:
    try:
        return float(number)
    except ArithmeticError:  # an integer beyond all doubles
        return math.inf if number > 0 else -math.inf
