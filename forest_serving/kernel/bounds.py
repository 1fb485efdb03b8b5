"""Whether all numbers of many rows are within their columns' bounds."""

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
