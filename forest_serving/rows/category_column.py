"""A column of categories, which are sent by their labels."""

import math
from difflib import get_close_matches
from functools import partial
from typing import Any

from forest_serving.card import UNKNOWN, Feature
from forest_serving.rows.numbers import NAN
from forest_serving.rows.values import Column, Refused, is_missing, is_number, number_in, unboxed
from forest_serving.rows.words import kind_of, listed_labels, shown, shown_label

_MOST_COMPARED = 50  # categories; comparing a text with so many takes up to 3 ms
_DATATYPES = {bool: "BOOL", int: "INT64", float: "FP64", str: "BYTES"}
_BOOLEANS = {"true": True, "false": False}


class CategoryColumn(Column):
    """A column of categories.

    Attributes:
        kind: the labels' type.
        listed: the labels, for errors.
    """

    def __init__(self, feature: Feature) -> None:
        super().__init__(feature)
        labels = feature.categories
        self.kind = type(labels[0])
        self.is_numeric = self.kind in (int, float)  # so that 3 and 3.0 are the same
        self.datatype = _DATATYPES[self.kind]
        self.listed = listed_labels(labels)
        typed: Any = int | float if self.is_numeric else self.kind
        self.json_type = typed | None if feature.takes_missing else typed
        self.codes = _OpenCodes() if feature.takes_unknown else {}
        self.codes.update((label, float(position)) for position, label in enumerate(labels))
        if feature.takes_missing:
            self.codes[None] = NAN

    def place(self, position: int) -> str:
        """Return how errors call the column."""
        return f'column "{self.feature.name}"'

    def parse(self, value: Any) -> float:
        """Return the position of a category."""
        if (type(value) is self.kind or value is None) and value in self.codes:
            return self.codes[value]
        value = unboxed(value)
        if is_missing(value):
            return self.missing()
        if not (is_number(value) if self.is_numeric else isinstance(value, self.kind)):
            raise Refused(f" is {kind_of(value)}; send one of the categories ({self.listed})")
        return self.code(value)

    def parse_text(self, text: str) -> float:
        """Return the position of a field's category; an empty field is missing, unless a category is empty."""
        if text not in self.codes and not (text if self.kind is str else text.strip()):
            return self.missing()
        label: Any = text
        if self.is_numeric:
            label = number_in(text)
        elif self.kind is bool:
            label = _BOOLEANS.get(text.strip().lower())
        if is_missing(label):
            raise Refused(f' is "{shown(text)}"; send one of the categories ({self.listed})')
        return self.code(label)

    def code(self, label: Any) -> float:
        """Return the position of a label of the column's type; raise Refused if it is unknown and must not be."""
        if self.is_numeric and label in (math.inf, -math.inf):
            raise Refused(" is infinite; send a finite number")
        try:
            return self.codes[label]
        except KeyError:
            guess = partial(self._nearest, label) if self.kind is str else None
            raise Refused(f": {shown_label(label)} is not one of the categories ({self.listed})", guess) from None

    def _nearest(self, text: str) -> str:
        """Return the category that a text was perhaps meant to be, or an empty one."""
        labels = [str(label) for label in self.feature.categories]
        plain = text[:1000].strip().casefold()
        same = [label for label in labels if label.strip().casefold() == plain]
        close = same or get_close_matches(text[:40], [label[:40] for label in labels[:_MOST_COMPARED]], 1)
        return close[0] if close else ""


class _OpenCodes(dict[Any, float]):
    """What stands for each category; for all others, UNKNOWN."""

    def __missing__(self, label: object) -> float:
        if label is None:
            raise KeyError
        return UNKNOWN
