"""Rows in a JSON object as MLflow has it: a data frame's dictionary, or lists in a field."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from forest_serving.errors import InvalidInstances
from forest_serving.rows.json_body import (
    JSON_ERRORS,
    PARAMETERS_TYPE,
    check_parameters,
    only_one_of,
    read_fields,
    read_value,
)
from forest_serving.rows.numbers import Rows
from forest_serving.rows.reader import RowReader

_decode = msgspec.json.Decoder().decode
FORMATS = ("dataframe_split", "dataframe_records", "instances", "inputs")
_OTHERS: dict[str, Any] = {"params": PARAMETERS_TYPE, "parameters": PARAMETERS_TYPE}
_KEPT_NAMES = 16  # of columns, as clients write them
_RECORDS = re.compile(rb"\[\s*\{").match


class Frames:
    """Reads the rows in a JSON object; it raises MalformedJson, InvalidInstances, BodyTooLarge or TooManyRows."""

    def __init__(self, rows: RowReader, example: str) -> None:
        self.rows = rows
        self.example = example
        self.unnamed = list(range(len(rows.columns)))  # what pandas calls the columns of a frame without names
        self._decode_frame = _frame_decoder(rows.few.rows_type)
        readers = {form: rows.few.field_reader(form, **_OTHERS) for form in ("inputs", "instances")}
        readers["dataframe_split"] = self._read_frame
        self._few = [(b'"%b"' % form.encode(), read_few) for form, read_few in readers.items()]
        self._are_in_order = lru_cache(_KEPT_NAMES)(self._in_order)

    def read(self, body: bytes) -> Rows:
        """Return the rows in a body; see the class."""
        for name, read_few in self._few:
            if name in body and (few := read_few(body)) is not None:
                return few
        self.rows.size_limit.check(body)
        request = read_fields(body, self.example, (*FORMATS, "params", "parameters"))
        check_parameters(request, "params", "parameters")
        form = only_one_of(request, FORMATS)
        if form == "dataframe_split":
            return self._split(request[form])
        if form == "dataframe_records" and not _RECORDS(request[form]):
            raise InvalidInstances('"dataframe_records" must be a list of objects, {column: value}.', (form,))
        return self.rows.json.read(request[form], form)

    def _read_frame(self, body: bytes) -> Rows | None:
        """Return the rows of a short body that is surely good, with columns in the features' order; else None."""
        few = self.rows.few
        if len(body) > few.max_bytes:
            return None
        try:
            frame = self._decode_frame(body).frame
            rows, index = frame.data, frame.index
            is_sure = self._are_in_order(bytes(frame.columns)) and (index is None or len(index) == len(rows))
            return few.encoded(rows) if is_sure else None
        except JSON_ERRORS:
            return None

    def _in_order(self, text: bytes) -> bool:
        names = _decode(text)
        if names is None or self._are_numbered(names):
            return True
        return isinstance(names, list) and self.rows.columns.order_of(names) == self.unnamed

    def _are_numbered(self, names: object) -> bool:
        return names == self.unnamed and not any(isinstance(name, bool) for name in names)

    def _split(self, content: bytes) -> Rows:
        form, example = "dataframe_split", '{"columns": names, "data": rows}'
        if content[:1] != b"{":
            raise InvalidInstances(f'"{form}" must be {example}.', (form,))
        frame = read_fields(content, example, ("columns", "data", "index"))
        if "data" not in frame:
            raise InvalidInstances(f'"{form}" has no "data"; send {example}.', (form, "data"))
        rows = self._framed(frame, form)
        index = read_value(frame.get("index", b"null"), example)
        if index is not None and (not isinstance(index, list) or len(index) != len(rows)):
            sentence = f'"index" must be a list with a label for each of {len(rows):,} rows.'
            raise InvalidInstances(sentence, (form, "index"))
        return rows

    def _framed(self, frame: Mapping[str, bytes], form: str) -> Rows:
        """Return the rows of a data frame, in the order of the features."""
        columns: Any = read_value(frame.get("columns", b"null"), self.example)
        if columns is None or self._are_numbered(columns):
            return self.rows.json.read(frame["data"], form)
        if not isinstance(columns, list):
            raise InvalidInstances('"columns" must be a list of names.', (form, "columns"))
        if _RECORDS(frame["data"]) or frame["data"][:1] == b"{":
            raise InvalidInstances('"data" must be a list of rows, because "columns" names them.', (form, "data"))
        return self.rows.json.read_named(frame["data"], columns, (form, "columns"))


def _frame_decoder(rows_type: Any) -> Callable[[bytes], Any]:
    """Return a decoder of a short body that holds a small data frame."""
    of_frame: Any = [
        ("data", rows_type),
        ("columns", msgspec.Raw, msgspec.Raw(b"null")),
        ("index", list[Any] | None, None),
    ]
    frame: Any = msgspec.defstruct("Frame", of_frame, forbid_unknown_fields=True)
    fields: Any = [("frame", frame), *((name, kind, None) for name, kind in _OTHERS.items())]
    rename = {"frame": "dataframe_split"}
    request: Any = msgspec.defstruct("Request", fields, rename=rename, forbid_unknown_fields=True)
    return msgspec.json.Decoder(request).decode
