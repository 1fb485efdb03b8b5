"""Lists of rows of numbers in JSON, read by the kernel straight into doubles: those that Python reads."""

import ctypes

import numpy as np

from forest_serving.kernel.library import Kernel, LimitsStruct, address
from forest_serving.rows.numbers import Array


class NumberLists:
    """Reads what is surely good; returns None for whatever is odd, for a reader that looks more closely.

    Numbers of more than 19 digits, or 27 after the point, are odd, too.

    Args:
        kernel: what reads.
        lows: the least that each column takes.
        highs: the greatest.
    """

    def __init__(self, kernel: Kernel, lows: Array, highs: Array) -> None:
        self._read_rows = kernel.read_rows
        low, high = np.ascontiguousarray(lows), np.ascontiguousarray(highs)
        self._struct = LimitsStruct(n_columns=len(lows), low=low, high=high)
        self._address = ctypes.addressof(self._struct)
        self._n_columns = len(lows)
        self._least_bytes = 2 * len(lows) + 2  # of a row: digits, what stands between them, brackets, a comma

    def read(self, text: bytes, start: int, max_rows: int) -> tuple[Array, int] | None:
        """Return the rows of the list that begins at start, shape (n_rows, n_columns), and where it ends."""
        most = min(max_rows, (len(text) - start) // self._least_bytes + 1)
        rows, place = np.empty((most, self._n_columns)), ctypes.c_int64(start)
        n_rows = self._read_rows(self._address, text, len(text), ctypes.addressof(place), most, address(rows))
        return None if n_rows < 0 else (rows[:n_rows], place.value)
