"""Reading many rows out of a JSON body straight into doubles, without a Python object for each number."""

from typing import Any

import numpy as np
import simdjson
from numpy.typing import NDArray

from forest_serving.schema import DOMAIN_LIMIT, FEATURES

_OF_NUMBERS = b"0123456789+-.eE \t\r\n"
_HEAD = b'{"instances":['.translate(None, _OF_NUMBERS)
_ROW = b"[" + b"," * (len(FEATURES) - 1) + b"],"
_TAIL = b"]}"
_parser = simdjson.Parser()


def read_rows(body: bytes, max_rows: int) -> NDArray[np.float64] | None:
    """Return the rows of {"instances": rows}, shape (n_rows, n_features), or None if they are odd or too many.

    simdjson checks that the body is JSON, but flattens nested lists. What is left of the body without the characters
    of numbers therefore has to be that of rows of the right length; then every value is a number and in its place.
    """
    skeleton = body.translate(None, _OF_NUMBERS)
    n_rows, rest = divmod(len(skeleton) + 1 - len(_HEAD) - len(_TAIL), len(_ROW))
    if rest or not 0 < n_rows <= max_rows or skeleton != _HEAD + (_ROW * n_rows)[:-1] + _TAIL:
        return None
    try:
        document: Any = _parser.parse(body)
        flat = np.frombuffer(document["instances"].as_buffer(of_type="d"))
    except (ValueError, KeyError, RuntimeError):  # not JSON, a number that no double holds, another field
        return None
    rows = flat.reshape(n_rows, len(FEATURES))
    return rows if np.abs(rows).max() < DOMAIN_LIMIT else None


def read_list(content: bytes, max_rows: int) -> NDArray[np.float64] | None:
    """Return the rows of a bare list of rows, or None; see read_rows."""
    return read_rows(b'{"instances":' + content + b"}", max_rows)


def read_flat(content: bytes, n_rows: int) -> NDArray[np.float64] | None:
    """Return the rows of a list of numbers, row after row, or None if they are odd or not as many."""
    if content.translate(None, _OF_NUMBERS) != b"[" + b"," * (n_rows * len(FEATURES) - 1) + b"]":
        return None
    try:
        document: Any = _parser.parse(content)
        rows = np.frombuffer(document.as_buffer(of_type="d")).reshape(n_rows, len(FEATURES))
    except (ValueError, RuntimeError):
        return None
    return rows if np.abs(rows).max() < DOMAIN_LIMIT else None
