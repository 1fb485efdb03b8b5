"""What is stored under ids as rows: JSON objects {feature: value}, which may hold more than the model's features."""

from collections.abc import Callable, Generator, Sequence
from typing import Any

import msgspec

from forest_serving.card import Feature
from forest_serving.errors import UnfitRecord
from forest_serving.kernel.library import kernel
from forest_serving.rows.columns import Columns
from forest_serving.rows.json_body import JSON_ERRORS
from forest_serving.rows.number_records import NumberRecords
from forest_serving.rows.numbers import FEW_ROWS, Row, Rows, as_rows
from forest_serving.rows.pieces import joined
from forest_serving.rows.typed_records import record_type, spellings
from forest_serving.rows.typed_rows import TypedRows
from forest_serving.rows.values import Refused
from forest_serving.rows.words import shown, shown_id

PIECE_IDS = 1_000  # whose records take about half a millisecond to read
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class StoredRecords:
    """Reads records; a name that they do not have is an error, also where the feature may be missing (null).

    Args:
        columns: the model's.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._typed = None if columns.stand_as_sent else TypedRows(columns.all)
        native = kernel() if columns.stand_as_sent else None
        self._numbers = NumberRecords(native, columns) if native else None
        types = [record_type(columns, names, alone=False) for names in spellings(columns)]
        self._decoders = [msgspec.json.Decoder(each).decode for each in types]
        self._own_names = [msgspec.json.encode(f.name) for f in columns.features if f.name != f.column]

    def read(self, ids: Sequence[str], records: Sequence[bytes]) -> Rows:
        """Return the row of each id.

        Raises:
            UnfitRecord: naming id and feature.
        """
        if self._numbers and len(records) > FEW_ROWS and (rows := self._numbers.read(records)) is not None:
            return rows
        for position, decode in enumerate(self._decoders):
            if position and self._have_own_names(records):
                break  # which count: what is read must not depend on the records beside it
            if (found := self._typed_rows(decode, records)) is not None:
                return found
        return as_rows([self._examined(id, record) for id, record in zip(ids, records, strict=True)])

    def _typed_rows(self, decode: Callable[[bytes], Any], records: Sequence[bytes]) -> Rows | None:
        try:
            values: Any = [msgspec.structs.astuple(decode(record)) for record in records]
            return as_rows(values) if self._typed is None else self._typed.encoded(values)
        except JSON_ERRORS:
            return None

    def _have_own_names(self, records: Sequence[bytes]) -> bool:
        """Return whether one of the model's own names may be in a record."""
        return any(name in record for record in records for name in self._own_names)

    def read_in_turns(self, ids: Sequence[str], records: Sequence[bytes]) -> Generator[None, None, Rows]:
        """Return the same; yield after each PIECE_IDS."""
        found: list[Rows] = []
        for start in range(0, len(ids), PIECE_IDS):
            found.append(self.read(ids[start : start + PIECE_IDS], records[start : start + PIECE_IDS]))
            yield
        return joined(found)

    def _examined(self, id: str, record: bytes) -> Row:
        """Return a row that may be good, or find its first fault."""
        row = f'The row stored under "{shown_id(id)}"'
        try:
            values = _decode(record)
        except JSON_ERRORS:
            raise UnfitRecord(f"{row} is no JSON object; store {{feature: value}}.", ("ids", id)) from None
        return [self._value(values, position, row, id) for position in range(len(self.columns))]

    def _value(self, values: dict[str, Any], position: int, row: str, id: str) -> float:
        column = self.columns.all[position]
        name = _name_in(values, column.feature)
        if name is None:
            raise UnfitRecord(f'{row} lacks the feature "{column.feature.name}"; store it.', ("ids", id))
        try:
            return column.parse(values[name])
        except Refused as refused:
            words = f'{row} does not fit: "{shown(name)}"{refused}'
            raise UnfitRecord(f"{words}{'' if words.endswith('?') else '.'}", ("ids", id)) from None


def _name_in(values: dict[str, Any], feature: Feature) -> str | None:
    return next((name for name in feature.names if name in values), None)
