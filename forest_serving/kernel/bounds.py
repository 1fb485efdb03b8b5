"""Which numbers of many rows are beyond their columns' bounds."""

import numpy as np
from numpy.typing import NDArray

from forest_serving.kernel.library import address, kernel

_AT_ONCE = 256  # values, whose bounds stand side by side, so that the processor compares several of them in one step


class Bounds:
    """The least and the greatest number of each column.

    Args:
        lows: shape (n_columns,), the least.
        highs: the greatest.
    """

    def __init__(self, lows: NDArray[np.float64], highs: NDArray[np.float64]) -> None:
        n_times = -(-_AT_ONCE // len(lows))
        self.lows, self.highs = np.tile(lows, n_times), np.tile(highs, n_times)
        self._n_columns, self._kernel = len(lows), kernel()
        self._arguments = (address(self.lows), address(self.highs), len(self.lows))

    def hold(self, rows: NDArray[np.float64]) -> bool:
        """Return whether no number of rows, shape (n_rows, n_columns), is beyond them or NaN."""
        if self._kernel and rows.flags.c_contiguous:
            return bool(self._kernel.are_within(address(rows), rows.size, *self._arguments))
        lows, highs = self.lows[: self._n_columns], self.highs[: self._n_columns]
        return bool((rows >= lows).all() and (rows <= highs).all())

    def n_beyond(self, rows: NDArray[np.float64]) -> list[int]:
        """Return how many numbers of each column are beyond them, which NaN is not."""
        if not self._kernel or not rows.flags.c_contiguous:
            columns = np.ascontiguousarray(rows.T)
            lows, highs = self.lows[: self._n_columns, np.newaxis], self.highs[: self._n_columns, np.newaxis]
            return list(map(int, np.count_nonzero((columns < lows) | (columns > highs), axis=1)))
        counts = np.zeros(len(self.lows), np.int64)
        self._kernel.count_beyond(address(rows), rows.size, *self._arguments, address(counts))
        return list(map(int, counts.reshape(-1, self._n_columns).sum(axis=0)))
