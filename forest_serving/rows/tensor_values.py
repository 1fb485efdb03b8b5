"""The values of one tensor of the Open Inference Protocol, in JSON or in bytes."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from forest_serving.errors import InvalidInstances
from forest_serving.rows.json_body import JSON_ERRORS
from forest_serving.rows.tensors import MAX_EXACT_INTEGER
from forest_serving.rows.words import shown

TYPES = {f"FP{8 * size}": f"<f{size}" for size in (2, 4, 8)}
TYPES |= {f"{sign}INT{8 * size}": f"<{kind}{size}" for sign, kind in (("", "i"), ("U", "u")) for size in (1, 2, 4, 8)}
_DATA: dict[str, tuple[type, str]] = {"BYTES": (str, "texts"), "BOOL": (bool, "booleans")}
_DATA |= {name: (float, "finite numbers") if name[0] == "F" else (int, "whole numbers") for name in TYPES}


class Input(msgspec.Struct):
    """One tensor, as it is described."""

    name: str
    shape: list[int]
    datatype: str
    data: msgspec.Raw = msgspec.Raw()
    parameters: dict[str, Any] | None = None

    @property
    def place(self) -> str:
        """What errors call it."""
        return f'Input "{shown(self.name)}"'


def json_values(tensor: Input, width: int, may_be_missing: bool) -> list[Any]:
    """Return the values of JSON data, row after row: nested there as the shape is, or flat.

    Args:
        tensor: the tensor, of a known datatype.
        width: how many values a row has.
        may_be_missing: whether values may be null, which become None.

    Raises:
        InvalidInstances: if the data are not of the datatype, or not as many as the shape says.
    """
    raw, n_rows = bytes(tensor.data), tensor.shape[0]
    is_nested = raw[1:].lstrip()[:1] == b"["
    try:
        values = _decoder(tensor.datatype, is_nested, may_be_missing)(raw)
    except JSON_ERRORS as error:
        kind = f"{tensor.datatype} data are lists of {_DATA[tensor.datatype][1]}"
        raise InvalidInstances(f"{tensor.place}: {kind}; {str(error)[:160]}.") from None
    fits = (
        len(values) == n_rows and {width}.issuperset(map(len, values)) if is_nested else len(values) == n_rows * width
    )
    if not fits:
        raise InvalidInstances(
            f'The data of the input "{shown(tensor.name)}" do not fill its shape {tensor.shape}; send '
            f"{n_rows * width:,} values, flat or nested as the shape says."
        )
    flat: list[Any] = [value for row in values for value in row] if is_nested else values
    if "INT" in tensor.datatype:
        _check_integers(flat, tensor)
    return flat


def number_bytes(tensor: Input, width: int, content: memoryview) -> NDArray[Any]:
    """Return the numbers in a tensor's bytes, shape (n_rows, width); raise InvalidInstances if they are not as many."""
    dtype, n_values = np.dtype(TYPES[tensor.datatype]), tensor.shape[0] * width
    _check_size(tensor, n_values * dtype.itemsize, content)
    return np.frombuffer(content, dtype).reshape(-1, width)


def label_bytes(tensor: Input, content: memoryview) -> list[Any]:
    """Return the booleans or texts in a column's bytes; a text has its length before it, in 4 bytes, little-endian.

    Raises:
        InvalidInstances: if they are not as many as the shape says, or not of the datatype.
    """
    if tensor.datatype == "BYTES":
        return _texts(tensor, bytes(content))
    _check_size(tensor, tensor.shape[0], content)
    switches = list(content)
    if not {0, 1}.issuperset(switches):
        raise InvalidInstances(f"{tensor.place}: BOOL data are bytes of 0 or 1.")
    return list(map(bool, switches))


def check_not_shared(parameters: Mapping[str, Any], place: str, instead: str) -> None:
    """Raise InvalidInstances if parameters say that a tensor is in memory which client and server share.

    Args:
        parameters: the tensor's.
        place: what to call the tensor.
        instead: what to do.
    """
    if any(name.startswith("shared_memory") for name in parameters):
        raise InvalidInstances(f"{place} is in shared memory, which is not offered; {instead}.")


def n_bytes_of(tensor: Input) -> int | None:
    """Return how many bytes a tensor has in the body, or None if it is JSON."""
    if tensor.parameters:
        check_not_shared(tensor.parameters, tensor.place, "send data or binary_data_size")
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


def _decoder(datatype: str, is_nested: bool, may_be_missing: bool) -> Callable[[bytes], Any]:
    kind: Any = _DATA[datatype][0]
    return _DECODERS[kind, is_nested, may_be_missing]


def _make_decoder(kind: Any, is_nested: bool, may_be_missing: bool) -> Callable[[bytes], Any]:
    values: Any = list[kind | None] if may_be_missing else list[kind]
    return msgspec.json.Decoder(list[values] if is_nested else values).decode


_FLAGS = (False, True)
_DECODERS = {(k, n, m): _make_decoder(k, n, m) for k in (float, int, str, bool) for n in _FLAGS for m in _FLAGS}


def _check_integers(values: list[int | None], tensor: Input) -> None:
    numbers = [value for value in values if value is not None]
    held = np.iinfo(np.dtype(TYPES[tensor.datatype]))
    if numbers and not held.min <= min(numbers) <= max(numbers) <= held.max:
        raise InvalidInstances(f"{tensor.place} has a number that {tensor.datatype} cannot hold.")
    if numbers and max(map(abs, numbers)) > MAX_EXACT_INTEGER:
        raise InvalidInstances(f"{tensor.place} has an integer beyond ±2^53, which no double holds exactly.")


def _check_size(tensor: Input, n_bytes: int, content: memoryview) -> None:
    if n_bytes_of(tensor) != n_bytes or n_bytes != len(content):
        raise InvalidInstances(
            f'The input "{shown(tensor.name)}" needs {n_bytes:,} bytes by its shape and datatype; '
            "binary_data_size or what is left of the body is another number."
        )


def _texts(tensor: Input, content: bytes) -> list[str]:
    texts, start = [], 0
    for _ in range(tensor.shape[0]):
        first = start + 4
        start = first + int.from_bytes(content[start:first], "little")
        texts.append(content[first:start])
    if start != len(content) or n_bytes_of(tensor) != start:
        raise InvalidInstances(
            f"{tensor.place}: its bytes are not {tensor.shape[0]:,} texts, each with its length before it in 4 bytes."
        )
    try:
        return [text.decode() for text in texts]
    except UnicodeDecodeError:
        raise InvalidInstances(f"{tensor.place} has a text that is not UTF-8; send UTF-8.") from None
