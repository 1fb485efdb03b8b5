"""Which cell of a table each of many rows falls into, twice as fast as by binary search."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.engine import Floats

N_STEPS = 256  # the more, the fewer boundaries share a step, and the less of it all is in the processor's cache
MOST_IN_STEP = 6  # with more boundaries in one, as very uneven ones may have, binary search is faster
FEWEST_ROWS = 200  # with fewer, too
_BLOCK_ROWS = 2048  # so that what is computed in between stays in the cache
_NARROWEST = 1e-300  # a width that can still be divided by


class Intervals:
    """A grid of equal steps over each feature, which says at once how many boundaries are surely below a value.

    A value's step is found by arithmetic that never decreases when the value grows, however it rounds. A value in a
    higher step than a boundary is thus above it; only boundaries in the value's own step need a comparison.

    NumPy takes from an array fastest in the mode "clip", which spares it a copy; nothing is ever out of range.

    Args:
        boundaries: for each feature, the ascending last doubles of its intervals but the last one.
    """

    def __init__(self, boundaries: list[Floats]) -> None:
        self._boundaries = boundaries
        self._lows = _column([feature[0] if len(feature) else 0.0 for feature in boundaries])
        self._highs = _column([np.nextafter(feature[-1], np.inf) if len(feature) else 0.0 for feature in boundaries])
        self._first = _column([axis * N_STEPS for axis in range(len(boundaries))])
        self._slopes = (N_STEPS - 2) / np.maximum(self._highs - self._lows, _NARROWEST)
        self._offsets = self._first + 0.5 - self._lows * self._slopes
        ends = self._steps(np.hstack([self._lows, self._highs])) - self._first
        self._is_fit = ends.min() >= 0 and ends.max() < N_STEPS and self._fill() <= MOST_IN_STEP

    def _fill(self) -> int:
        """Note the boundaries in each step, and for each number of them that is passed the cells below."""
        steps = [self._steps(feature, axis) % N_STEPS for axis, feature in enumerate(self._boundaries)]
        n_in_step = np.stack([np.bincount(feature, minlength=N_STEPS) for feature in steps])
        n_below = n_in_step.cumsum(axis=1) - n_in_step
        most = int(n_in_step.max())
        self._in_step = np.full((most, *n_in_step.shape), np.inf)
        for axis, (feature, step) in enumerate(zip(self._boundaries, steps, strict=True)):
            self._in_step[np.arange(len(feature)) - n_below[axis, step], axis, step] = feature
        shape = [len(feature) + 1 for feature in self._boundaries]
        strides = np.array([prod(shape[axis + 1 :]) for axis in range(len(shape))])
        self._cells_below = (n_below[..., np.newaxis] + np.arange(most + 1)) * strides[:, np.newaxis, np.newaxis]
        return most

    def _steps(self, columns: Floats, axis: Any = slice(None)) -> NDArray[np.int64]:
        """Return the step of each value, numbered through all features."""
        steps = columns * self._slopes[axis]
        steps += self._offsets[axis]
        numbers: NDArray[np.int64] = steps.astype(np.int64)
        return numbers

    def cells(self, rows: Floats) -> NDArray[np.int64]:
        """Return the cell of each row; the last feature varies fastest."""
        if len(rows) < FEWEST_ROWS or not self._is_fit:
            return self._search(np.ascontiguousarray(rows.T))
        if len(rows) <= _BLOCK_ROWS:
            return self._look_up(rows)
        return np.concatenate([self._look_up(rows[i : i + _BLOCK_ROWS]) for i in range(0, len(rows), _BLOCK_ROWS)])

    def _search(self, columns: Floats) -> NDArray[np.int64]:
        cells = np.zeros(columns.shape[1], np.int64)
        for boundaries, column in zip(self._boundaries, columns, strict=True):
            cells *= len(boundaries) + 1
            cells += boundaries.searchsorted(column)
        return cells

    def _look_up(self, rows: Floats) -> NDArray[np.int64]:
        columns = np.ascontiguousarray(rows.T).clip(self._lows, self._highs)
        steps = self._steps(columns)
        n_passed = np.zeros(columns.shape, np.int8)
        for boundaries in self._in_step:
            n_passed += columns > boundaries.take(steps, mode="clip")
        steps *= len(self._in_step) + 1
        steps += n_passed
        found: NDArray[np.int64] = np.add.reduce(self._cells_below.take(steps, mode="clip"), axis=0)
        return found


def _column(values: list[Any]) -> NDArray[Any]:
    return np.array(values)[:, np.newaxis]
