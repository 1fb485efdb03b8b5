"""Rows of a file as what is stored: ids and records, a few thousand at a time."""

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

import msgspec

from forest_serving.errors import BadFeaturesFile, OperatorError
from forest_serving.features.records import MAX_RECORD_BYTES, WRITTEN, stamp_of
from forest_serving.features.source import MAX_ID_BYTES
from forest_serving.loading.rows import Rows
from forest_serving.loading.tables import Table
from forest_serving.loading.values import Convert, Faulty, as_they_are, as_they_look, by_column
from forest_serving.rows.columns import Columns
from forest_serving.rows.words import kind_of, listed, shown

Piece = tuple[Sequence[int], Sequence[bytes], Sequence[bytes]]  # places, ids, records
_encode = msgspec.json.Encoder().encode


class _Kept(NamedTuple):
    """A column that is stored: where it stands in the file, its name there, its name in the store, and its values."""

    position: int
    name: str
    stored_as: str
    convert: Convert


class Pieces:
    """Reads a file, as often as it is asked to.

    Args:
        table: the file.
        id_column: the name of the column that holds the ids.
        columns: the model's; None if the rows are stored as they are.
        note: is told how many rows were read, and how much of the file.

    Attributes:
        left_out: columns of the file that are not stored.

    Raises:
        BadFeaturesFile: naming the first fault, by file, line, id and column.
    """

    def __init__(
        self, table: Table, id_column: str, columns: Columns | None, note: Callable[[int, float], None]
    ) -> None:
        self.table = table
        self.note = note
        self._id = self._position_of(id_column)
        self._kept = self._as_it_is() if columns is None else self._by_model(columns)
        positions = {self._id, *(kept.position for kept in self._kept)}
        self.left_out = [name for position, name in enumerate(table.names) if position not in positions]
        self._stamp = stamp_of()

    def __iter__(self) -> Iterator[Piece]:
        """Return the pieces, from the first row on; each time with the same time in the records."""
        n_rows = 0
        for rows in self.table.read():
            yield rows.places, self._ids(rows), self._records(rows)
            n_rows += len(rows.places)
            self.note(n_rows, rows.share)

    def fault(self, place: int, words: str) -> OperatorError:
        """Return an error about a row."""
        return BadFeaturesFile(f"{self.table.path}, {self.table.place} {place:,}{words}. Nothing was changed.")

    def _position_of(self, id_column: str) -> int:
        if id_column in self.table.names:
            return self.table.names.index(id_column)
        have = listed([f'"{shown(name)}"' for name in self.table.names])
        raise BadFeaturesFile(f'{self.table.path} has no column "{id_column}"; it has {have}. Name one by --id-column.')

    def _as_it_is(self) -> list[_Kept]:
        convert = as_they_look if self.table.are_texts else as_they_are
        kept = [_Kept(p, name, name, convert) for p, name in enumerate(self.table.names) if p != self._id]
        for each in kept:
            if each.name in ("", WRITTEN):
                wrong = f'{self.table.path} has a column called "{each.name}"'
                raise BadFeaturesFile(f"{wrong}. Rename it, or drop it.")
        return kept

    def _by_model(self, columns: Columns) -> list[_Kept]:
        kept, names = [], self.table.names
        for feature, column in zip(columns.features, columns.all, strict=True):
            found = [name for name in feature.names if name in names and names.index(name) != self._id]
            if len(found) != 1:
                raise self._misfit(feature.name, found)
            position = names.index(found[0])
            kept.append(_Kept(position, found[0], feature.name, by_column(column, self.table.are_texts)))
        return kept

    def _misfit(self, feature: str, found: list[str]) -> OperatorError:
        if found:
            return BadFeaturesFile(
                f'{self.table.path} has "{found[0]}" and "{found[1]}", which mean the same. Drop one.'
            )
        close = get_close_matches(feature, self.table.names, 1)
        hint = f'Did you mean "{close[0]}"?' if close else f"It has {listed(self.table.names)}."
        return BadFeaturesFile(f'{self.table.path} has no column "{feature}", which the model needs. {hint}')

    def _ids(self, rows: Rows) -> list[bytes]:
        values = rows.columns[self._id]
        try:
            ids = list(map(str.encode, values))
        except (TypeError, UnicodeEncodeError):
            ids = [self._id_of(value, place) for value, place in zip(values, rows.places, strict=True)]
        lengths = list(map(len, ids))
        if not (min(lengths) >= 1 and max(lengths) <= MAX_ID_BYTES):
            place, n_bytes = next(
                (place, n) for place, n in zip(rows.places, lengths, strict=True) if not 1 <= n <= MAX_ID_BYTES
            )
            raise self.fault(place, f" has an id of {n_bytes:,} bytes; it may have 1 to {MAX_ID_BYTES}")
        return ids

    def _id_of(self, value: Any, place: int) -> bytes:
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value).encode("utf-8", "replace")
        raise self.fault(place, f" has {kind_of(value)} for an id; text and whole numbers will do")

    def _records(self, rows: Rows) -> list[bytes]:
        names = [kept.stored_as for kept in self._kept]
        values = [self._values(kept, rows) for kept in self._kept]
        end = self._stamp if names else self._stamp[1:]
        records = [
            _encode(dict(zip(names, row, strict=True)))[:-1] + end
            for row in (zip(*values, strict=True) if names else [()] * len(rows.places))
        ]
        if (longest := max(map(len, records))) > MAX_RECORD_BYTES:
            position = next(p for p, record in enumerate(records) if len(record) == longest)
            words = f" makes a record of {longest:,} bytes; it may have {MAX_RECORD_BYTES:,}"
            raise self.fault(rows.places[position], words)
        return records

    def _values(self, kept: _Kept, rows: Rows) -> Sequence[Any]:
        try:
            return kept.convert(rows.columns[kept.position])
        except Faulty as faulty:
            id = shown(str(rows.columns[self._id][faulty.position]))
            words = f', id "{id}", column "{shown(kept.name)}"{faulty.words.rstrip("?.")}'
            raise self.fault(rows.places[faulty.position], words) from None
