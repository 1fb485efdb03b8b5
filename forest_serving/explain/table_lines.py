"""Counterfactuals out of a decision table: its cells along each feature say where the class changes."""

from bisect import bisect_left
from collections.abc import Sequence
from math import inf, isnan, nextafter, prod
from operator import mul

import numpy as np

from forest_serving.card import Feature
from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Floats
from forest_serving.explain.counterfactuals import (
    MOST_CATEGORIES,
    Counterfactual,
    FindingAll,
    middle_of,
    told,
)

MOST_CLASSES = 256  # whose positions are bytes
_TURN_ROWS = 200


class TableLines:
    """Finds what Counterfactuals does, in a copy of the table that holds a byte for each cell: its class.

    Args:
        table: a classifier of up to MOST_CLASSES classes.
        features: of its card.
    """

    def __init__(self, table: DecisionTable, features: Sequence[Feature]) -> None:
        self._classes = table.positions.astype(np.uint8)[table.answers].tobytes()
        self._below = [
            [-inf, *boundaries.tolist()] if gap else boundaries.tolist()  # as in DecisionTable
            for boundaries, gap in zip(table.boundaries, table.gaps, strict=True)
        ]
        self._strides = [prod(table.shape[i + 1 :]) for i in range(len(features))]
        self._lines = [
            _Categories(i, feature, below) if feature.categories else _Numbers(i, feature, below)
            for i, (feature, below) in enumerate(zip(features, self._below, strict=True))
        ]

    def find_all_in_turns(self, rows: Floats | Sequence[Sequence[float]]) -> FindingAll:
        """Find those of rows, shape (n_rows, n_features)."""
        listed = rows.tolist() if isinstance(rows, np.ndarray) else rows
        found: list[list[Counterfactual]] = []
        for start in range(0, len(listed), _TURN_ROWS):
            found += map(self.find, listed[start : start + _TURN_ROWS])
            yield
        return found

    def find(self, row: Sequence[float]) -> list[Counterfactual]:
        """Find those of a row."""
        intervals = list(map(bisect_left, self._below, row))  # a missing value is greater than none of them
        cell = sum(map(mul, intervals, self._strides))
        own, found = self._classes[cell : cell + 1], list[Counterfactual]()
        for line, value, interval, stride in zip(self._lines, row, intervals, self._strides, strict=True):
            first = cell - interval * stride
            classes = self._classes[first : first + line.size * stride : stride]
            found += line.changes(value, interval, classes, own)
        return found


class _Categories:
    """A feature that holds categories."""

    def __init__(self, number: int, feature: Feature, below: list[float]) -> None:
        self._number, self._feature, self.size = number, feature, len(below) + 1
        self._intervals = [bisect_left(below, code) for code in range(len(feature.categories))]

    def changes(self, _value: float, _interval: int, classes: bytes, own: bytes) -> list[Counterfactual]:
        """Return the first categories that change the class."""
        codes = [code for code, interval in enumerate(self._intervals) if classes[interval] != own[0]]
        return [
            Counterfactual(self._number, told(self._feature, code), classes[self._intervals[code]])
            for code in codes[:MOST_CATEGORIES]
        ]


class _Numbers:
    """A feature that holds numbers."""

    def __init__(self, number: int, feature: Feature, below: list[float]) -> None:
        self._number, self._tops, self.size = number, below, len(below) + 1
        self._lows = [-inf, *(nextafter(top, inf) for top in below)]
        # Of the intervals in which numbers are answered, the first, and the end.
        self._first, self._end = bisect_left(below, feature.lowest), bisect_left(below, feature.highest) + 1
        self._middle = middle_of(feature)
        self._middle_interval = bisect_left(below, self._middle)

    def changes(self, value: float, interval: int, classes: bytes, own: bytes) -> list[Counterfactual]:
        """Return the nearest number that changes the class, the lower of two; none if there is none."""
        if isnan(value):
            value, interval = self._middle, self._middle_interval
            if classes[interval] != own[0]:
                return [Counterfactual(self._number, value, classes[interval])]
        lower = self._first + len(classes[self._first : interval].rstrip(own)) - 1
        upper = self._end - len(classes[interval + 1 : self._end].lstrip(own))
        has_lower, has_upper = lower >= self._first, upper < self._end
        if has_lower and (not has_upper or value - self._tops[lower] <= self._lows[upper] - value):
            return [Counterfactual(self._number, self._tops[lower], classes[lower])]
        return [Counterfactual(self._number, self._lows[upper], classes[upper])] if has_upper else []
