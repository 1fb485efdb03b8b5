"""The inputs of the Open Inference Protocol: tensors in JSON or in bytes, as a matrix or as columns."""

from collections.abc import Sequence
from math import prod
from typing import Any

import msgspec
import numpy as np

from forest_serving.errors import InvalidInstances
from forest_serving.rows.columns import Columns, shown
from forest_serving.rows.json_arrays import JsonArrayReader
from forest_serving.rows.numbers import FEW_BYTES, FEW_ROWS, Array, Number, Row, Rows, as_rows
from forest_serving.rows.tensors import as_doubles, check_n_rows
from forest_serving.settings import Settings

TYPES = {f"FP{8 * size}": f"<f{size}" for size in (2, 4, 8)}
TYPES |= {f"{sign}INT{8 * size}": f"<{kind}{size}" for sign, kind in (("", "i"), ("U", "u")) for size in (1, 2, 4, 8)}
_decode_floats = msgspec.json.Decoder(list[Number]).decode
_decode_float_rows = msgspec.json.Decoder(list[list[Number]]).decode
_decode_integers = msgspec.json.Decoder(list[int]).decode
_decode_integer_rows = msgspec.json.Decoder(list[list[int]]).decode


class Input(msgspec.Struct):
    """One tensor, as it is described."""

    name: str
    shape: list[int]
    datatype: str
    data: msgspec.Raw = msgspec.Raw()
    parameters: dict[str, Any] | None = None


class TensorReader:
    """Reads the rows of one tensor, or of a column for each feature.

    Args:
        columns: the model's.
        arrays: reads many rows in JSON.
        settings: the limits on rows.
    """

    def __init__(self, columns: Columns, arrays: JsonArrayReader, settings: Settings) -> None:
        self.columns = columns
        self.arrays = arrays
        self.max_rows, self.max_tensor_rows = settings.max_rows, settings.max_tensor_rows

    def read(self, inputs: Sequence[Input], tensors: memoryview) -> Rows:
        """Return the rows.

        Args:
            inputs: the tensors, as they are described.
            tensors: the bytes of those that are not JSON, one after the other.

        Raises:
            InvalidInstances: if a tensor is not what its shape and datatype say, or not rows of finite numbers.
            TooManyRows: if there are more than allowed.
        """
        arrays: list[Rows] = []
        start = 0
        for tensor in inputs:
            n_values = self._n_values(tensor, len(inputs) > 1)
            n_bytes = _n_bytes(tensor)
            if n_bytes is None:
                arrays.append(self._from_json(tensor, n_values))
            else:
                arrays.append(_from_bytes(tensor, n_values, tensors[start : start + n_bytes]))
                start += n_bytes
        if start != len(tensors):
            raise InvalidInstances(f"The inputs account for {start:,} bytes of tensors; the body has {len(tensors):,}.")
        if len(inputs) == 1 and inputs[0].name not in self.columns:
            return arrays[0]
        return self._side_by_side(inputs, arrays)

    def _side_by_side(self, inputs: Sequence[Input], arrays: Sequence[Rows]) -> Rows:
        """Return columns as rows."""
        lengths = {tensor.shape[0] for tensor in inputs}
        order = self.columns.order_of([tensor.name for tensor in inputs], ("inputs",))
        if len(lengths) > 1:
            raise InvalidInstances(f"The columns must be equally long; their shapes begin with {sorted(lengths)[:5]}.")
        rows = np.column_stack([np.asarray(arrays[column], np.float64).ravel() for column in order])
        return rows if len(rows) > FEW_ROWS else rows.tolist()

    def _n_values(self, tensor: Input, is_column: bool) -> int:
        """Return how many values a tensor has, by its shape."""
        n_columns = 1 if is_column or tensor.name in self.columns else len(self.columns)
        if tensor.datatype not in TYPES:
            raise InvalidInstances(
                f'The datatype "{shown(tensor.datatype)}" is not a number\'s; use {", ".join(TYPES)}.'
            )
        if tensor.shape[1:] != [n_columns] and not (n_columns == 1 and len(tensor.shape) == 1):
            columns = f"[n, {n_columns}], or a column for each of {self.columns.listed}"
            wanted = "[n] or [n, 1]" if n_columns == 1 else columns
            there = [size if abs(size) < 10**9 else "…" for size in tensor.shape[:5]]
            raise InvalidInstances(f'The input "{shown(tensor.name)}" has the shape {there}; it must be {wanted}.')
        if tensor.data:
            check_n_rows(tensor.shape[0], self.max_rows, "FOREST_MAX_ROWS")
        else:
            check_n_rows(tensor.shape[0], self.max_tensor_rows)
        return prod(tensor.shape)

    def _from_json(self, tensor: Input, n_values: int) -> Rows:
        """Return the values of a JSON tensor: nested as its shape is, or flat."""
        n_rows, raw = tensor.shape[0], bytes(tensor.data)
        width = n_values // n_rows
        if tensor.datatype[0] == "F" and width == len(self.columns) and len(raw) > FEW_BYTES:
            array = self.arrays.read_list(raw, n_rows)
            array = self.arrays.read_flat(raw, n_rows) if array is None else array
            if array is not None and len(array) == n_rows:
                return array
        rows = _decoded(tensor, raw, width)
        if len(rows) != n_rows or not all(len(row) == width for row in rows):
            raise InvalidInstances(
                f'The data of the input "{shown(tensor.name)}" do not fill its shape {tensor.shape}; send {n_values:,} '
                "values, flat or nested as the shape says."
            )
        return as_rows(rows) if tensor.datatype[0] == "F" else _as_integers(rows, tensor)


def _decoded(tensor: Input, raw: bytes, width: int) -> list[Row]:
    """Return the rows of a tensor's JSON, nested or flat."""
    is_float = tensor.datatype[0] == "F"
    flat, nested = (_decode_floats, _decode_float_rows) if is_float else (_decode_integers, _decode_integer_rows)
    try:
        rows: Any = nested(raw) if raw[1:].lstrip()[:1] == b"[" else _folded(flat(raw), width)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        kind = f"{tensor.datatype} data are lists of {'finite numbers' if is_float else 'whole numbers'}"
        raise InvalidInstances(f'Input "{shown(tensor.name)}": {kind}; {str(error)[:160]}.') from None
    found: list[Row] = rows
    return found


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


def _from_bytes(tensor: Input, n_values: int, content: memoryview) -> Array:
    dtype = np.dtype(TYPES[tensor.datatype])
    n_bytes = _n_bytes(tensor)
    if n_bytes != n_values * dtype.itemsize or n_bytes != len(content):
        raise InvalidInstances(
            f'The input "{shown(tensor.name)}" needs {n_values * dtype.itemsize:,} bytes by its shape and datatype; '
            "binary_data_size or what is left of the body is another number."
        )
    return as_doubles(np.frombuffer(content, dtype), f'Input "{shown(tensor.name)}"').reshape(tensor.shape[0], -1)


def _folded(flat: list[Any], width: int) -> list[list[Any]]:
    return [flat[start : start + width] for start in range(0, len(flat), width)]


def _as_integers(rows: list[Row], tensor: Input) -> Array:
    try:
        array = np.array(rows, np.dtype(TYPES[tensor.datatype]))
    except (ArithmeticError, ValueError):
        raise InvalidInstances(
            f'Input "{shown(tensor.name)}" has a number that {tensor.datatype} cannot hold.'
        ) from None
    return as_doubles(array, f'Input "{shown(tensor.name)}"')
