"""Short texts with few rows that are surely good, read in one step: msgspec checks their number and bounds, too."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from forest_serving.rows.columns import Columns
from forest_serving.rows.json_body import JSON_ERRORS
from forest_serving.rows.numbers import FEW_BYTES, FEW_ROWS, Rows
from forest_serving.rows.typed_rows import TypedRows
from forest_serving.settings import Settings

ReadFew = Callable[[bytes], Rows | None]


class FewRows:
    """Makes readers, which return None for whatever is odd or longer, for a reader that words the error.

    Args:
        columns: the model's.
        typed: reads rows with categories or gaps; None if there are none.
        settings: the limits.

    Attributes:
        rows_type: what msgspec takes for a list of rows.
        read_list: reads a bare list of rows.
        max_bytes: the longest text that is read.
        encoded: from what msgspec makes of a list of rows to rows; None if a category is unknown.
    """

    def __init__(self, columns: Columns, typed: TypedRows | None, settings: Settings) -> None:
        row: Any = columns.row_type
        limits = msgspec.Meta(min_length=1, max_length=min(FEW_ROWS, settings.max_rows))
        self.rows_type: Any = Annotated[list[row], limits]
        self.max_bytes = min(FEW_BYTES, settings.max_body_bytes)
        self._is_plain = typed is None
        self.encoded: Callable[[Any], Rows | None] = typed.encoded if typed else lambda rows: rows
        self.read_list = self._reader(msgspec.json.Decoder(self.rows_type).decode)

    def field_reader(self, field: str, **others: Any) -> ReadFew:
        """Return what reads the list of rows in a field of an object.

        Args:
            field: its name.
            others: the types of fields that there may be besides.
        """
        fields: Any = [("rows", self.rows_type), *((name, kind, None) for name, kind in others.items())]
        request: Any = msgspec.defstruct("Request", fields, rename={"rows": field}, forbid_unknown_fields=True)
        decode = msgspec.json.Decoder(request).decode
        return self._plain_reader(decode) if self._is_plain else self._reader(lambda body: decode(body).rows)

    def _reader(self, decode: Callable[[bytes], Any]) -> ReadFew:
        max_bytes, encoded = self.max_bytes, self.encoded

        def read(body: bytes) -> Rows | None:
            if len(body) > max_bytes:
                return None
            try:
                return encoded(decode(body))
            except JSON_ERRORS:
                return None

        return read

    def _plain_reader(self, decode: Callable[[bytes], Any]) -> ReadFew:
        """Return what reads a field of numbers, with two calls less."""
        max_bytes = self.max_bytes

        def read(body: bytes) -> Rows | None:
            if len(body) > max_bytes:
                return None
            try:
                rows: Rows = decode(body).rows
            except JSON_ERRORS:
                return None
            return rows

        return read
