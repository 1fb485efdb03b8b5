"""Rows that are numbers in an array: checked and encoded many at a time."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import UNKNOWN
from forest_serving.kernel.bounds import Bounds
from forest_serving.rows.numbers import Array
from forest_serving.rows.values import Column


class Matrix:
    """What an array's columns take, all of which must be sent as numbers.

    Args:
        columns: the columns, in the array's order.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        features = [column.feature for column in columns]
        ends = [
            (-np.inf, np.inf) if column.codes else (column.feature.lowest, column.feature.highest) for column in columns
        ]
        self.lows, self.highs = np.array(ends).T
        self._bounds = Bounds(self.lows, self.highs)
        self._take_gaps = np.array([feature.takes_missing for feature in features])
        self._coded = [(n, _Codes(column)) for n, column in enumerate(columns) if column.codes and column.is_numeric]

    def is_in_bounds(self, doubles: Array) -> bool:
        """Return whether all numbers are taken and none is missing."""
        return self._bounds.hold(doubles)

    def encoded(self, doubles: Array) -> Array:
        """Return what stands in rows for numbers, shape (n_rows, n_columns); the array itself if it can be.

        A number that its column does not take becomes infinite.
        """
        if not self._coded and self.is_in_bounds(doubles):
            return doubles
        is_taken = ((doubles >= self.lows) & (doubles <= self.highs)) | (np.isnan(doubles) & self._take_gaps)
        found: Array = np.where(is_taken, doubles, np.inf)
        for position, codes in self._coded:
            found[:, position] = codes.of(found[:, position])
        return found


class _Codes:
    """What stands in rows for numbers that are categories."""

    def __init__(self, column: Column) -> None:
        labels = np.array(column.feature.categories, np.float64)
        order = labels.argsort(kind="stable")
        self._labels, self._positions = labels[order], order.astype(np.float64)
        self._unknown = UNKNOWN if column.feature.takes_unknown else np.inf

    def of(self, doubles: NDArray[Any]) -> NDArray[Any]:
        """Return the positions of categories; infinities stay, and so does NaN."""
        nearest = self._labels.searchsorted(doubles).clip(max=len(self._labels) - 1)
        found = np.where(self._labels[nearest] == doubles, self._positions[nearest], self._unknown)
        return np.where(np.isfinite(doubles), found, doubles)
