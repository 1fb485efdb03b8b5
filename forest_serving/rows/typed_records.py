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
        spellings = {tuple(f.name for f in columns.features), tuple(f.column for f in columns.features)}
        usual = [names for names in sorted(spellings) if not _ODD.search("".join(names))]
        self._decoders = [(self._decoder(names), sum(1 + name.count(":") for name in names)) for names in usual]

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

    def _decoder(self, names: Sequence[str]) -> Callable[[bytes], Any]:
        """Return a decoder of records with these names, whatever characters they are of."""
        keys = [f"value_{position}" for position in range(len(names))]
        fields = [(key, column.json_type) for key, column in zip(keys, self.columns.all, strict=True)]
        rename = dict(zip(keys, names, strict=True))
        record = msgspec.defstruct("Record", fields, rename=rename, forbid_unknown_fields=True)
        return msgspec.json.Decoder(list[record]).decode  # type: ignore[valid-type]
