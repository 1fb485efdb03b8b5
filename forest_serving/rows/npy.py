"""NumPy's file format, without pickle, and without believing a header that promises more than the body holds."""

from io import BytesIO
from math import prod
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from forest_serving.errors import InvalidInstances
from forest_serving.rows.numbers import Array
from forest_serving.rows.tensors import NumberArrays, check_n_rows

_MAX_HEAD_BYTES = 1000
_READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_npy(body: bytes, arrays: NumberArrays, max_rows: int) -> Array:
    """Return the rows of an array of shape (n_rows, n_features), or (n_features,) for one row.

    Raises:
        InvalidInstances: if it is no such array of numbers that the columns take.
        TooManyRows: if it has more than max_rows.
    """
    n_features = len(arrays.columns)
    shape, is_fortran, dtype, start = _head(body)
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise InvalidInstances("The array must be of floats or integers of at most 64 bits; convert it with astype.")
    if len(shape) not in (1, 2) or shape[-1] != n_features:
        raise InvalidInstances(f"The array's shape must be (n, {n_features}); it is {str(shape)[:80]}.")
    check_n_rows(prod(shape[:-1]), max_rows)
    if len(body) - start != prod(shape) * dtype.itemsize:
        raise InvalidInstances("The array's data are not as long as its shape says; save it again with numpy.save.")
    array = np.frombuffer(body, dtype, offset=start).reshape(shape, order="F" if is_fortran else "C")
    return arrays.rows(array.reshape(-1, n_features), "Array")


def _head(body: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Return shape, order, type, and where the data begin."""
    stream = BytesIO(body[: _MAX_HEAD_BYTES + 12])
    try:
        read: Any = _READERS[npy.read_magic(stream)]
        shape, is_fortran, dtype = read(stream, max_header_size=_MAX_HEAD_BYTES)
        if any(type(size) is not int or size < 0 for size in shape):  # NumPy lets True pass for 1
            raise ValueError(shape)
    except Exception:  # it evaluates text, which can fail in many ways
        raise InvalidInstances("The body is not an array as numpy.save writes it, version 1.0 or 2.0.") from None
    return shape, is_fortran, dtype, stream.tell()


def write_npy(array: NDArray[Any]) -> bytes:
    """Return an array as numpy.save would write it."""
    stream = BytesIO()
    npy.write_array(stream, array, allow_pickle=False)
    return stream.getvalue()
