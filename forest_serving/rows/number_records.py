"""Records of numbers in JSON, read by the kernel straight into doubles, where all have the same names in one order."""

import ctypes
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate
from typing import Any

import msgspec
import numpy as np

from forest_serving.kernel.library import Kernel, LimitsStruct, RecordStruct, address
from forest_serving.rows.columns import Columns
from forest_serving.rows.json_body import JSON_ERRORS
from forest_serving.rows.numbers import Array

_MOST_KEPT = 64  # orders of names
_names_in = msgspec.json.Decoder(dict[str, Any]).decode


class NumberRecords:
    """Reads what is surely good; returns None for whatever is odd, for a reader that looks more closely.

    Args:
        kernel: what reads.
        columns: the model's; all are of numbers, without gaps.
    """

    def __init__(self, kernel: Kernel, columns: Columns) -> None:
        self._read_records = kernel.read_records
        self._columns = columns
        bounds = np.array([(feature.lowest, feature.highest) for feature in columns.features])
        self._limits = LimitsStruct(n_columns=len(columns), low=bounds[:, 0].copy(), high=bounds[:, 1].copy())
        self._structs: dict[tuple[str, ...], RecordStruct | None] = {}

    def read(self, records: Sequence[bytes]) -> Array | None:
        """Return the rows of at least one record, shape (n_records, n_columns)."""
        struct = self._struct_of(records[0])
        if struct is None:
            return None
        rows, n_rows = np.empty((len(records), len(self._columns))), len(records)
        ends = np.fromiter(accumulate(map(len, records)), np.int64, n_rows)
        places = ctypes.addressof(self._limits), ctypes.addressof(struct), b"".join(records), address(ends)
        return rows if self._read_records(*places, n_rows, address(rows)) else None

    def _struct_of(self, record: bytes) -> RecordStruct | None:
        """Return the names of a record, in their order; None if they are no row's."""
        with suppress(*JSON_ERRORS):
            names = tuple(_names_in(record))
            if names not in self._structs:
                if len(self._structs) >= _MOST_KEPT:
                    self._structs.clear()
                self._structs[names] = self._made(names)
            return self._structs[names]
        return None

    def _made(self, names: Sequence[str]) -> RecordStruct | None:
        column = [self._columns.position_of(name) if name in self._columns else -1 for name in names]
        if sorted(c for c in column if c >= 0) != list(range(len(self._columns))):
            return None
        quoted = [msgspec.json.encode(name) for name in names]
        begin = np.array([0, *accumulate(map(len, quoted))], np.int64)
        text = np.frombuffer(b"".join(quoted), np.uint8).copy()
        return RecordStruct(n_names=len(names), names=text, begin=begin, column=np.array(column, np.int64))
