"""Rows that arrive as bytes: one view of them, checked by NumPy, without a Python object for each number."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.errors import InvalidInstances, TooManyRows
from forest_serving.rows.columns import Columns
from forest_serving.rows.matrix import Matrix
from forest_serving.rows.number_column import NOT_PLAIN
from forest_serving.rows.numbers import Array
from forest_serving.rows.values import Refused
from forest_serving.settings import Settings

MAX_EXACT_INTEGER = 2**53  # beyond it a double cannot tell neighbours apart


class NumberArrays:
    """Makes rows of arrays of numbers: floats or integers of any width and byte order, NaN where they may be missing.

    Args:
        columns: the model's.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._matrix = Matrix(columns.all)
        self._column = lru_cache(1000)(lambda position: Matrix([columns.all[position]]))

    def rows(self, array: NDArray[Any], place: str) -> Array:
        """Return an array of shape (n_rows, n_features) as rows.

        Args:
            array: the numbers.
            place: what to call the array in an error.

        Raises:
            InvalidInstances: naming the first number that its column does not take; if an integer is too large for a
                double to hold exactly; if the model has columns that numbers are not sent for.
        """
        self._check_kinds(place)
        return self._checked(as_doubles(array, place), self._matrix, place)

    def column(self, array: NDArray[Any], position: int, place: str) -> Array:
        """Return an array of shape (n_rows, 1) as the column at a position; see rows."""
        return self._checked(as_doubles(array, place), self._column(position), place, position)

    def _check_kinds(self, place: str) -> None:
        for column in self.columns.all:
            if not column.is_numeric:
                raise InvalidInstances(
                    f'{place} has only numbers, and the column "{column.feature.name}" holds other categories; send '
                    "JSON, CSV, or an input of the Open Inference Protocol for each column."
                )

    def _checked(self, doubles: Array, matrix: Matrix, place: str, first_column: int = 0) -> Array:
        encoded = matrix.encoded(doubles)
        if encoded is doubles or not np.isinf(encoded).any():
            return encoded
        fault = int(np.isinf(encoded).argmax())
        if self.columns.are_plain:
            raise InvalidInstances(f"{place}, number {fault}{NOT_PLAIN}.")
        row, column = divmod(fault, doubles.shape[1])
        try:
            self.columns.all[first_column + column].parse(float(doubles[row, column]))
        except Refused as refused:
            raise self.columns.refusal(refused, row, first_column + column) from None
        raise AssertionError("columns and arrays take the same numbers")


def as_doubles(array: NDArray[Any], place: str) -> Array:
    """Return an array of numbers as doubles.

    Raises:
        InvalidInstances: if an integer is too large for a double to hold exactly.
    """
    is_wide = array.dtype.kind in "iu" and array.dtype.itemsize == 8 and array.size
    if is_wide and max(int(array.max()), -int(array.min())) > MAX_EXACT_INTEGER:
        raise InvalidInstances(f"{place} has an integer beyond ±2^53, which no double holds exactly.")
    return array.astype(np.float64, order="C", copy=False)


def check_n_rows(n_rows: int, max_rows: int, variable: str = "FOREST_MAX_TENSOR_ROWS") -> None:
    """Raise InvalidInstances or TooManyRows unless a tensor has at least one row, and not more than the variable's."""
    if n_rows < 1:
        raise InvalidInstances(f"The tensor has {n_rows} rows; send at least one.")
    if n_rows > max_rows:
        raise TooManyRows(f"The tensor may have {max_rows:,} rows ({variable}); send fewer at a time.")


def max_tensor_bytes(settings: Settings, n_bytes: int) -> int:
    """Return the longest body that holds a tensor: rows of so many bytes, and room for what describes them."""
    return max(settings.max_body_bytes, settings.max_tensor_rows * n_bytes + 65_536)
