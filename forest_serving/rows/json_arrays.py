"""Reading many rows out of JSON straight into doubles, without a Python object for each number."""

from typing import Any

import numpy as np
import simdjson

from forest_serving.rows.numbers import DOMAIN_LIMIT, Array

_OF_NUMBERS = b"0123456789+-.eE \t\r\n"
_HEAD = b'{"instances":['.translate(None, _OF_NUMBERS)
_TAIL = b"]}"


class JsonArrayReader:
    """Reads what is surely good; returns None for whatever is odd, for a reader that words the error.

    simdjson checks that a text is JSON, but flattens nested lists. What is left of the text without the characters of
    numbers therefore has to be that of rows of the right length; then every value is a number and in its place.

    Args:
        n_features: how many numbers a row has.
    """

    def __init__(self, n_features: int) -> None:
        self.n_features = n_features
        self._row = b"[" + b"," * (n_features - 1) + b"],"
        self._parser = simdjson.Parser()

    def read_request(self, body: bytes, max_rows: int) -> Array | None:
        """Return the rows of {"instances": rows}, shape (n_rows, n_features), or None if odd or more than max_rows."""
        skeleton = body.translate(None, _OF_NUMBERS)
        n_rows, rest = divmod(len(skeleton) + 1 - len(_HEAD) - len(_TAIL), len(self._row))
        if rest or not 0 < n_rows <= max_rows or skeleton != _HEAD + (self._row * n_rows)[:-1] + _TAIL:
            return None
        try:
            document: Any = self._parser.parse(body)
            return self._in_domain(document["instances"], n_rows)
        except (ValueError, KeyError, RuntimeError):  # not JSON, a number that no double holds, another field
            return None

    def read_list(self, content: bytes, max_rows: int) -> Array | None:
        """Return the rows of a bare list of rows; see read_request."""
        return self.read_request(b'{"instances":' + content + b"}", max_rows)

    def read_flat(self, content: bytes, n_rows: int) -> Array | None:
        """Return the rows of a list of numbers, row after row, or None if odd or not as many."""
        if content.translate(None, _OF_NUMBERS) != b"[" + b"," * (n_rows * self.n_features - 1) + b"]":
            return None
        try:
            return self._in_domain(self._parser.parse(content), n_rows)
        except (ValueError, RuntimeError):
            return None

    def _in_domain(self, numbers: Any, n_rows: int) -> Array | None:
        rows: Array = np.frombuffer(numbers.as_buffer(of_type="d")).reshape(n_rows, self.n_features)
        return rows if np.abs(rows).max() < DOMAIN_LIMIT else None
