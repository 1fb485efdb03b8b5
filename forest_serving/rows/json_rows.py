"""Rows in a JSON text: lists of numbers, records {name: number}, or columns {name: numbers}."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
import numpy as np

from forest_serving.errors import TooManyRows
from forest_serving.rows.columns import n_colons, refuse_doubled_names
from forest_serving.rows.instances import InstanceReader
from forest_serving.rows.json_arrays import JsonArrayReader
from forest_serving.rows.json_body import read_value
from forest_serving.rows.numbers import FEW_BYTES, Array, Number, Rows
from forest_serving.rows.records import transposed

_ODD = re.compile(r'["\\\x00-\x1f]')  # what msgspec does not take in a field's name


class JsonReader:
    """Reads rows that stand somewhere in a body.

    Args:
        instances: what decides about the rows.
        arrays: reads many of them.
        max_rows: the most that are taken.
        example: rows in JSON, for errors.
    """

    def __init__(self, instances: InstanceReader, arrays: JsonArrayReader, max_rows: int, example: str) -> None:
        self.instances = instances
        self.columns = instances.columns
        self.arrays = arrays
        self.max_rows = max_rows
        self.example = example
        spellings = {tuple(f.name for f in self.columns.features), tuple(f.column for f in self.columns.features)}
        usual = [names for names in sorted(spellings) if not _ODD.search("".join(names))]
        self._record_decoders = [(_record_decoder(names), n_colons([names])) for names in usual]

    def read(self, content: bytes, field: str, example: str = "") -> Rows:
        """Return the rows in a JSON text.

        Args:
            content: the text.
            field: where it stood in the body, for errors; empty if it is the body.
            example: what to send, for errors; by default rows.

        Raises:
            MalformedJson: if the text is not JSON.
            InvalidInstances: if it is nothing of what the module says, or a value is not a finite number.
            TooManyRows: if there are more rows than allowed.
        """
        if len(content) > FEW_BYTES:
            rows = self.arrays.read_list(content, self.max_rows)
            rows = self._fast_records(content) if rows is None else rows
            if rows is not None:
                return rows
        value = read_value(content, example or self.example)
        if isinstance(value, dict):
            rows_of_columns = self.checked(transposed(value, self.columns, (field,) if field else ()), field)
            refuse_doubled_names(content, [value])
            return rows_of_columns
        rows_of_list = self.checked(value, field)
        if isinstance(value, list) and isinstance(value[0], dict):
            refuse_doubled_names(content, value)
        return rows_of_list

    def checked(self, value: object, field: str) -> Rows:
        """Return rows that were given as Python's values; see read."""
        if isinstance(value, list) and len(value) > self.max_rows:
            raise TooManyRows(f"A request may hold {self.max_rows:,} rows (FOREST_MAX_ROWS); send fewer at a time.")
        return self.instances.read(value, field)

    def _fast_records(self, content: bytes) -> Array | None:
        """Return the rows of records that all spell their names in one way, or None if anything is odd."""
        for decoder, n_colons_each in self._record_decoders:
            with suppress(msgspec.MsgspecError, ValueError, RecursionError):
                records = decoder.decode(content)
                are_single = content.count(b":") == n_colons_each * len(records)
                if 0 < len(records) <= self.max_rows and are_single:
                    return np.array([msgspec.structs.astuple(record) for record in records])
        return None


def _record_decoder(names: Sequence[str]) -> Any:
    """Return a decoder of records with these names, whatever characters they are of."""
    keys = [f"number_{position}" for position in range(len(names))]
    fields = [(key, Number) for key in keys]
    rename = dict(zip(keys, names, strict=True))
    record = msgspec.defstruct("Record", fields, rename=rename, forbid_unknown_fields=True)
    return msgspec.json.Decoder(list[record])  # type: ignore[valid-type]
