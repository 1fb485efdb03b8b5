"""Reading many rows out of JSON straight into doubles, without a Python object for each number."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import simdjson

from forest_serving.kernel.library import kernel
from forest_serving.rows.columns import Columns
from forest_serving.rows.matrix import Matrix
from forest_serving.rows.number_lists import NumberLists
from forest_serving.rows.numbers import Array, Rows
from forest_serving.rows.typed_rows import TypedRows

_OF_NUMBERS = b"0123456789+-.eE \t\r\n"
_HEAD = b'{"instances":['.translate(None, _OF_NUMBERS)
_TAIL = b"]}"
_SPACES = b" \t\r\n"
_find_list = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"instances"[ \t\r\n]*:').match


class JsonArrayReader:
    """Reads what is surely good; returns None for whatever is odd, for a reader that words the error.

    The kernel reads numbers; simdjson those that the kernel finds odd, or all where it does not load. simdjson checks
    that a text is JSON, but flattens nested lists. What is left of the text without the characters of numbers therefore
    has to be that of rows of the right length; then every value is a number and in its place. Rows with categories or
    gaps are read by their types.

    Args:
        columns: the model's.

    Attributes:
        typed: reads rows with categories or gaps; None if there are none.
    """

    def __init__(self, columns: Columns) -> None:
        self.n_features = len(columns)
        self._are_numbers = columns.are_numbers
        self._matrix = Matrix(columns.all)
        native = kernel() if self._are_numbers else None
        self._lists = NumberLists(native, self._matrix.lows, self._matrix.highs) if native else None
        self._row = b"[" + b"," * (self.n_features - 1) + b"],"
        self._parser = simdjson.Parser()
        self.typed = None if columns.stand_as_sent else TypedRows(columns.all)
        self._most_brackets = 1 + columns.most("[")  # of a row

    def read_request(self, body: bytes, max_rows: int) -> Rows | None:
        """Return the rows of {"instances": rows}, or None if they are odd or more than max_rows."""
        rows = self._listed_in_request(body, max_rows) if self._are_numbers else None
        if rows is None and self.typed and self.may_be_few(body, max_rows):
            return self.typed.read_request(body, max_rows)
        return rows

    def read_list(self, content: bytes, max_rows: int) -> Rows | None:
        """Return the rows of a bare list of rows; see read_request."""
        rows = self.read_numbers(content, max_rows)
        if rows is None and self.typed and self.may_be_few(content, max_rows):
            return self.typed.read_list(content, max_rows)
        return rows

    def read_numbers(self, content: bytes, max_rows: int, order: Sequence[int] | None = None) -> Array | None:
        """Return the rows of a bare list of rows of numbers, shape (n_rows, n_features); see read_request.

        Args:
            content: the list.
            max_rows: the most that are taken.
            order: where each feature stands in the rows, if it is not its own place.
        """
        if not self._are_numbers:
            return None
        found = self._lists.read(content, 0, max_rows) if self._lists and order is None else None
        if found and not content[found[1] :].strip(_SPACES):
            return found[0]
        return self._numbers_in_request(b'{"instances":' + content + b"}", max_rows, order)

    def read_flat(self, content: bytes, n_rows: int) -> Array | None:
        """Return the rows of a list of numbers, row after row, or None if odd or not as many."""
        is_list = content.translate(None, _OF_NUMBERS) == b"[" + b"," * (n_rows * self.n_features - 1) + b"]"
        if not is_list or not self._are_numbers:
            return None
        try:
            return self._in_bounds(self._parser.parse(content), n_rows)
        except (ValueError, RuntimeError):
            return None

    def _listed_in_request(self, body: bytes, max_rows: int) -> Array | None:
        head = _find_list(body)
        found = self._lists.read(body, head.end(), max_rows) if self._lists and head else None
        if found and body[found[1] :].strip(_SPACES) == b"}":
            return found[0]
        return self._numbers_in_request(body, max_rows)

    def _numbers_in_request(self, body: bytes, max_rows: int, order: Sequence[int] | None = None) -> Array | None:
        skeleton = body.translate(None, _OF_NUMBERS)
        n_rows, rest = divmod(len(skeleton) + 1 - len(_HEAD) - len(_TAIL), len(self._row))
        if rest or not 0 < n_rows <= max_rows or skeleton != _HEAD + (self._row * n_rows)[:-1] + _TAIL:
            return None
        try:
            document: Any = self._parser.parse(body)
            return self._in_bounds(document["instances"], n_rows, order)
        except (ValueError, KeyError, RuntimeError):  # not JSON, a number that no double holds, another field
            return None

    def _in_bounds(self, numbers: Any, n_rows: int, order: Sequence[int] | None = None) -> Array | None:
        rows: Array = np.frombuffer(numbers.as_buffer(of_type="d")).reshape(n_rows, self.n_features)
        rows = rows if order is None else rows[:, order]
        return rows if self._matrix.is_in_bounds(rows) else None

    def may_be_few(self, content: bytes, max_rows: int) -> bool:
        """Return whether the brackets may be those of few enough rows; many more would be slow to read."""
        return content.count(b"[") <= max_rows * self._most_brackets + 1
