"""Reading rows with categories or gaps out of JSON: msgspec checks the types, and each column is looked up."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec
import numpy as np

from forest_serving.rows.json_body import JSON_ERRORS
from forest_serving.rows.numbers import FEW_ROWS, NAN, Array, Row, Rows
from forest_serving.rows.values import Column


class TypedRows:
    """Reads what is surely good; returns None for whatever is odd, for a reader that words the error.

    Args:
        columns: what stands in a row, in this order.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        row: Any = tuple[tuple(column.json_type for column in columns)]  # type: ignore[misc]  # as many as there are
        rows = Annotated[list[row], msgspec.Meta(min_length=1)]
        request: Any = msgspec.defstruct("Request", [("instances", rows)], forbid_unknown_fields=True)
        self._decode_list: Callable[[bytes], Any] = msgspec.json.Decoder(rows).decode
        self._decode_request: Callable[[bytes], Any] = msgspec.json.Decoder(request).decode
        self._codes = [column.codes for column in columns]
        self._coded = [(position, codes) for position, codes in enumerate(self._codes) if codes]
        self._gaps = [n for n, column in enumerate(columns) if not column.codes and column.feature.takes_missing]

    def read_request(self, body: bytes, max_rows: int) -> Rows | None:
        """Return the rows of {"instances": rows}, or None if they are odd or more than max_rows."""
        try:
            rows = self._decode_request(body).instances
        except JSON_ERRORS:
            return None
        return self.encoded(rows) if len(rows) <= max_rows else None

    def read_list(self, content: bytes, max_rows: int) -> Rows | None:
        """Return the rows of a bare list of rows; see read_request."""
        try:
            rows = self._decode_list(content)
        except JSON_ERRORS:
            return None
        return self.encoded(rows) if len(rows) <= max_rows else None

    def encoded(self, rows: Sequence[tuple[Any, ...]]) -> Rows | None:
        """Return doubles for values of the right types, or None if a category is unknown."""
        try:
            return list(map(self._one, rows)) if len(rows) <= FEW_ROWS else self._many(rows)
        except KeyError:
            return None

    def _one(self, row: tuple[Any, ...]) -> Row:
        values = list(row)
        for position, codes in self._coded:
            values[position] = codes[values[position]]
        for position in self._gaps:
            if values[position] is None:
                values[position] = NAN
        return values

    def _many(self, rows: Sequence[tuple[Any, ...]]) -> Array:
        found: Array = np.empty((len(rows), len(self._codes)))
        for position, (codes, values) in enumerate(zip(self._codes, zip(*rows, strict=True), strict=True)):
            found[:, position] = np.array(list(map(codes.__getitem__, values)) if codes else values, np.float64)
        return found
