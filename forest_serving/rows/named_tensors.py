"""The inputs of the Open Inference Protocol: tensors in JSON or in bytes, as a matrix or as columns."""

from collections.abc import Sequence
from math import prod
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from forest_serving.errors import InvalidInstances
from forest_serving.rows.columns import is_feature, order_of
from forest_serving.rows.json_arrays import read_flat, read_list
from forest_serving.rows.json_body import shown
from forest_serving.rows.tensors import as_doubles, check_n_rows
from forest_serving.schema import DOMAIN_LIMIT, FEATURES
from forest_serving.settings import Settings

TYPES = {f"FP{8 * size}": f"<f{size}" for size in (2, 4, 8)}
TYPES |= {f"{sign}INT{8 * size}": f"<{kind}{size}" for sign, kind in (("", "i"), ("U", "u")) for size in (1, 2, 4, 8)}
_NAMES = ", ".join(feature.name for feature in FEATURES)
_FEW_ROWS = 10  # up to so many, the model answers one by one
_FEW_BYTES = 500  # of numbers; up to there msgspec is as fast
_Float = Annotated[float, msgspec.Meta(gt=-DOMAIN_LIMIT, lt=DOMAIN_LIMIT)]
_decode_floats = msgspec.json.Decoder(list[_Float]).decode
_decode_float_rows = msgspec.json.Decoder(list[list[_Float]]).decode
_decode_integers = msgspec.json.Decoder(list[int]).decode
_decode_integer_rows = msgspec.json.Decoder(list[list[int]]).decode


class Input(msgspec.Struct):
    """One tensor, as it is described."""

    name: str
    shape: list[int]
    datatype: str
    data: msgspec.Raw = msgspec.Raw()
    parameters: dict[str, Any] | None = None


def rows_of_inputs(inputs: Sequence[Input], tensors: memoryview, settings: Settings) -> Any:
    """Return the rows of one tensor, or of a column for each feature: lists if they are few, or an array.

    Args:
        inputs: the tensors, as they are described.
        tensors: the bytes of those that are not JSON, one after the other.
        settings: the limits on rows.

    Raises:
        InvalidInstances: if a tensor is not what its shape and datatype say, or not rows of finite numbers.
        TooManyRows: if there are more than allowed.
    """
    arrays, start = [], 0
    for tensor in inputs:
        n_values = _n_values(tensor, len(inputs) > 1, settings)
        n_bytes = _n_bytes(tensor)
        if n_bytes is None:
            arrays.append(_from_json(tensor, n_values))
        else:
            arrays.append(_from_bytes(tensor, n_values, tensors[start : start + n_bytes]))
            start += n_bytes
    if start != len(tensors):
        raise InvalidInstances(f"The inputs account for {start:,} bytes of tensors; the body has {len(tensors):,}.")
    if _is_matrix(inputs):
        return arrays[0]
    lengths = {tensor.shape[0] for tensor in inputs}
    order = order_of([tensor.name for tensor in inputs], ("inputs",))
    if len(lengths) > 1:
        raise InvalidInstances(f"The columns must be equally long; their shapes begin with {sorted(lengths)[:5]}.")
    return np.column_stack([np.asarray(arrays[column], np.float64).ravel() for column in order])


def _is_matrix(inputs: Sequence[Input]) -> bool:
    return len(inputs) == 1 and not is_feature(inputs[0].name)


def _n_values(tensor: Input, is_column: bool, settings: Settings) -> int:
    """Return how many values a tensor has, by its shape."""
    n_columns = 1 if is_column or is_feature(tensor.name) else len(FEATURES)
    if tensor.datatype not in TYPES:
        raise InvalidInstances(f'The datatype "{shown(tensor.datatype)}" is not a number\'s; use {", ".join(TYPES)}.')
    if tensor.shape[1:] != [n_columns] and not (n_columns == 1 and len(tensor.shape) == 1):
        wanted = "[n] or [n, 1]" if n_columns == 1 else f"[n, {n_columns}], or a column for each of {_NAMES}"
        there = [size if abs(size) < 10**9 else "…" for size in tensor.shape[:5]]
        raise InvalidInstances(f'The input "{shown(tensor.name)}" has the shape {there}; it must be {wanted}.')
    check_n_rows(tensor.shape[0], settings.max_rows if tensor.data else settings.max_tensor_rows)
    return prod(tensor.shape)


def _n_bytes(tensor: Input) -> int | None:
    """Return how many bytes a tensor has in the body, or None if it is JSON."""
    n_bytes = (tensor.parameters or {}).get("binary_data_size")
    if n_bytes is None:
        if not tensor.data:
            raise InvalidInstances(f'The input "{shown(tensor.name)}" has neither data nor binary_data_size.')
        return None
    if tensor.data:
        raise InvalidInstances(
            f'The input "{shown(tensor.name)}" has both data and binary_data_size; send one of them.'
        )
    if type(n_bytes) is not int or n_bytes < 0:
        raise InvalidInstances('"binary_data_size" must be a number of bytes.')
    return n_bytes


def _from_bytes(tensor: Input, n_values: int, content: memoryview) -> NDArray[np.float64]:
    dtype = np.dtype(TYPES[tensor.datatype])
    n_bytes = _n_bytes(tensor)
    if n_bytes != n_values * dtype.itemsize or n_bytes != len(content):
        raise InvalidInstances(
            f'The input "{shown(tensor.name)}" needs {n_values * dtype.itemsize:,} bytes by its shape and datatype; '
            "binary_data_size or what is left of the body is another number."
        )
    return as_doubles(np.frombuffer(content, dtype), f'Input "{shown(tensor.name)}"').reshape(tensor.shape)


def _from_json(tensor: Input, n_values: int) -> Any:
    """Return the values of a JSON tensor: nested as its shape is, or flat."""
    is_float, n_rows = tensor.datatype[0] == "F", tensor.shape[0]
    flat, nested = (_decode_floats, _decode_float_rows) if is_float else (_decode_integers, _decode_integer_rows)
    width, raw = n_values // n_rows, bytes(tensor.data)
    if is_float and width == len(FEATURES) and len(raw) > _FEW_BYTES:
        array = read_list(raw, n_rows)
        array = read_flat(raw, n_rows) if array is None else array
        if array is not None and len(array) == n_rows:
            return array
    try:
        rows: Any = nested(raw) if raw[1:].lstrip()[:1] == b"[" else _folded(flat(raw), width)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        kind = f"{tensor.datatype} data are lists of {'finite numbers' if is_float else 'whole numbers'}"
        raise InvalidInstances(f'Input "{shown(tensor.name)}": {kind}; {str(error)[:160]}.') from None
    if len(rows) != n_rows or not all(len(row) == width for row in rows):
        raise InvalidInstances(
            f'The data of the input "{shown(tensor.name)}" do not fill its shape {tensor.shape}; send {n_values:,} '
            "values, flat or nested as the shape says."
        )
    if is_float:
        return rows if n_rows <= _FEW_ROWS else np.array(rows)
    return _as_integers(rows, tensor)


def _folded(flat: list[Any], width: int) -> list[list[Any]]:
    return [flat[start : start + width] for start in range(0, len(flat), width)]


def _as_integers(rows: list[list[int]], tensor: Input) -> NDArray[np.float64]:
    try:
        array = np.array(rows, np.dtype(TYPES[tensor.datatype]))
    except (OverflowError, ValueError):
        raise InvalidInstances(
            f'Input "{shown(tensor.name)}" has a number that {tensor.datatype} cannot hold.'
        ) from None
    return as_doubles(array, f'Input "{shown(tensor.name)}"')
