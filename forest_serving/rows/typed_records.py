"""Reading many records {name: value} out of JSON, without a dictionary for each."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import msgspec
import numpy as np

from forest_serving.rows.columns import Columns
from forest_serving.rows.doubled_names import n_colons_in
from forest_serving.rows.json_body import JSON_ERRORS
from forest_serving.rows.numbers import Rows
from forest_serving.rows.typed_rows import TypedRows

_ODD = re.compile(r'["\\\x00-\x1f]')  # what msgspec does not take in a field's name


class TypedRecords:
    """Reads records that all spell their names in one way: as the card does, or as the training data did.

    Args:
        columns: the model's.
        max_rows: the most that are taken.
    """

    def __init__(self, columns: Columns, max_rows: int) -> None:
        self.columns = columns
        self.max_rows = max_rows
        self._rows = None if columns.stand_as_sent else TypedRows(columns.all)
        self._texts = [n for n, f in enumerate(columns.features) if f.categories and isinstance(f.categories[0], str)]
        records = [(record_type(columns, names, True), names) for names in spellings(columns)]
        self._decoders = [(_decoder(record), sum(1 + name.count(":") for name in names)) for record, names in records]

    def read(self, content: bytes) -> Rows | None:
        """Return the rows, or None if anything is odd, a name that comes twice in a record included."""
        for decode, n_colons_each in self._decoders:
            with suppress(*JSON_ERRORS, KeyError):
                records = [msgspec.structs.astuple(record) for record in decode(content)]
                n_colons = n_colons_each * len(records) + self._n_colons_in_texts(records)
                if 0 < len(records) <= self.max_rows and n_colons_in(content) == n_colons:
                    return self._encoded(records)
        return None

    def _encoded(self, records: Sequence[tuple[Any, ...]]) -> Rows | None:
        return self._rows.encoded(records) if self._rows else np.array(records, np.float64)

    def _n_colons_in_texts(self, records: Sequence[tuple[Any, ...]]) -> int:
        return sum(record[n].count(":") for n in self._texts for record in records if record[n])


def spellings(columns: Columns) -> list[tuple[str, ...]]:
    """Return the ways in which records are mostly spelled: as the card does, and as the training data did."""
    features = columns.features
    ways = dict.fromkeys((tuple(f.name for f in features), tuple(f.column for f in features)))
    return [names for names in ways if not _ODD.search("".join(names))]


def record_type(columns: Columns, names: Sequence[str], alone: bool) -> Any:
    """Return msgspec's type of a record with these names, whatever characters they are of; and no others, if alone."""
    keys = [f"value_{position}" for position in range(len(names))]
    fields = [(key, column.json_type) for key, column in zip(keys, columns.all, strict=True)]
    rename = dict(zip(keys, names, strict=True))
    return msgspec.defstruct("Record", fields, rename=rename, forbid_unknown_fields=alone)


def _decoder(record: Any) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(list[record]).decode
