"""Rows that arrive as bytes: one view of them, checked by NumPy, without a Python object for each number."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.errors import InvalidInstances, TooManyRows
from forest_serving.rows.numbers import DOMAIN_LIMIT, Array
from forest_serving.settings import Settings

MAX_EXACT_INTEGER = 2**53  # beyond it a double cannot tell neighbours apart


def as_doubles(array: NDArray[Any], place: str) -> Array:
    """Return an array of numbers as doubles.

    Args:
        array: floats or integers of any width and byte order.
        place: what to call it in an error.

    Raises:
        InvalidInstances: if an integer is too large for a double to hold exactly, or a float is NaN, infinite or
            beyond DOMAIN_LIMIT.
    """
    is_wide = array.dtype.kind in "iu" and array.dtype.itemsize == 8 and array.size
    if is_wide and max(int(array.max()), -int(array.min())) > MAX_EXACT_INTEGER:
        raise InvalidInstances(f"{place} has an integer beyond ±2^53, which no double holds exactly.")
    doubles = array.astype(np.float64, order="C", copy=False)
    if array.dtype.kind == "f" and not _are_in_domain(doubles):
        position = int(np.argmin(np.abs(doubles) < DOMAIN_LIMIT))
        raise InvalidInstances(f"{place}, number {position} is NaN, infinite or beyond ±3.4e38.")
    return doubles


def _are_in_domain(doubles: Array) -> bool:
    """Return whether all are finite and below the limit; with a NaN, both ends are NaN, which is neither."""
    return doubles.size == 0 or bool(doubles.max() < DOMAIN_LIMIT and doubles.min() > -DOMAIN_LIMIT)


def check_n_rows(n_rows: int, max_rows: int, variable: str = "FOREST_MAX_TENSOR_ROWS") -> None:
    """Raise InvalidInstances or TooManyRows unless a tensor has at least one row, and not more than the variable's."""
    if n_rows < 1:
        raise InvalidInstances(f"The tensor has {n_rows} rows; send at least one.")
    if n_rows > max_rows:
        raise TooManyRows(f"The tensor may have {max_rows:,} rows ({variable}); send fewer at a time.")


def max_tensor_bytes(settings: Settings, n_features: int) -> int:
    """Return the longest body that holds a tensor: doubles, and room for what describes them."""
    return max(settings.max_body_bytes, settings.max_tensor_rows * n_features * 8 + 65_536)
