"""Rows in JSON that are read piece by piece: one a line, or a list of them."""

import re
from collections.abc import Generator
from contextlib import suppress

import msgspec

from forest_serving.errors import InvalidInstances, MalformedJson
from forest_serving.rows.doubled_names import n_colons_in
from forest_serving.rows.json_body import JSON_ERRORS, SizeLimit, check_json
from forest_serving.rows.json_rows import JsonReader
from forest_serving.rows.numbers import Rows
from forest_serving.rows.pieces import PIECE_BYTES, Reading, joined, pieces, read_pieces


class _Vector(msgspec.Struct, forbid_unknown_fields=True):
    features: list[float]  # of a model that knows only numbers


_decode = msgspec.json.Decoder(msgspec.Raw).decode
_decode_vectors = msgspec.json.Decoder(list[_Vector]).decode
_SPACE = b" \t\r\n"  # which JSON allows
_find_end = re.compile(rb"[\]}][ \t\r\n]*,").search  # of a row, unless it stands within one
_TRIES = 8  # ends that may stand within a row, before a part is made twice as long


class JsonPieces:
    """Reads rows in a body that is nothing else.

    Args:
        json: reads a body at once.
        size_limit: on bodies that are read at once, on bytes, and on parts that could not be cut.
    """

    def __init__(self, json: JsonReader, size_limit: SizeLimit) -> None:
        self._at_once = json
        # Of as many rows as a part holds.
        self._piece = JsonReader(json.instances, json.few, json.arrays, size_limit.max_bytes, json.example)
        self._limit = size_limit

    def list_of_rows(self, body: bytes) -> Reading:
        """Read a list of rows.

        Raises:
            MalformedJson, InvalidInstances: as JsonReader.read does.
            BodyTooLarge: if there are more bytes than allowed.
            TooManyRows: if they are also more than can be read at once, and so odd that they must be.
        """
        self._limit.check_bytes(body)
        if len(body) <= PIECE_BYTES:
            return self._piece.read(body, "")
        text = body.strip(_SPACE)
        inside = text[1:-1].strip(_SPACE)
        if text[:1] + text[-1:] == b"[]" and inside[-1:] != b",":
            return (yield from self._list(inside, body))
        check_json(body, self._at_once.example)
        self._limit.check(body)
        return self._at_once.read(body, "")

    def _list(self, inside: bytes, body: bytes) -> Reading:
        """Read what stands in a list; the body is for errors."""
        found: list[Rows] = []
        n_rows, start, stop = 0, 0, -1
        while stop < len(inside):
            stop = _end_of_row(inside, start + PIECE_BYTES)
            try:
                rows = self._read_part(inside, start, stop, n_rows)
            except MalformedJson:  # perhaps cut within a row
                stop = yield from self._end_of_json(inside, start, stop, body)
                rows = self._read_part(inside, start, stop, n_rows)
            found.append(rows)
            n_rows, start = n_rows + len(rows), stop + 1
            yield
        return joined(found)

    def _end_of_json(self, inside: bytes, start: int, stop: int, body: bytes) -> Generator[None, None, int]:
        """Return where rows from start on end; raise MalformedJson if they do not.

        What is cut within a row is not JSON: of brackets and quotes it has too few.
        """
        n_tries = 0
        while not _is_json(b"[" + inside[start:stop] + b"]"):
            if stop == len(inside):
                check_json(body, self._at_once.example)
            n_tries += 1
            stop = _end_of_row(inside, stop + (1 if n_tries % _TRIES else stop - start))
            yield
        return stop

    def _read_part(self, inside: bytes, start: int, stop: int, first_row: int) -> Rows:
        part = inside[start:stop]
        self._check(part, inside[:1] == b"{", first_row)
        return self._piece.read(b"[" + part + b"]", "", first_row=first_row)

    def _check(self, part: bytes, are_records: bool, first_row: int) -> None:
        """Refuse a part that begins with another kind of row; a long one also if it is no JSON, or of too many rows."""
        if len(part) > 2 * PIECE_BYTES:  # as it could not be cut
            check_json(b"[" + part + b"]", self._at_once.example)
            self._limit.check(part)
        is_record = part.lstrip(_SPACE)[:1] == b"{"
        if is_record and not are_records:
            raise self._piece.columns.fault(f"row {first_row} is an object; write it as a list", (first_row,))
        if are_records and not is_record and _is_json(b"[" + part + b"]"):
            raise InvalidInstances(f"Row {first_row} is not an object, as row 0 is.", (first_row,))

    def lines(self, body: bytes) -> Reading:
        """Read a row from each line: {"features": values}, {name: value}, or values; see list_of_rows."""
        self._limit.check_bytes(body)
        are_records = body.lstrip(_SPACE)[:1] == b"{"

        def read(piece: bytes, first_row: int) -> Rows:
            lines = list(filter(None, (line.strip(_SPACE) for line in piece.split(b"\n"))))
            return self._read_lines(lines, are_records, first_row) if lines else []

        rows = read(body, 0) if len(body) <= PIECE_BYTES else (yield from read_pieces(pieces(body, b"\n"), read))
        return rows if len(rows) else self._piece.checked([], "")

    def _read_lines(self, lines: list[bytes], are_records: bool, first_row: int) -> Rows:
        part = b",".join(lines)  # is no JSON if a value goes on in the next line
        try:
            self._check(part, are_records, first_row)
            rows = self._read_rows(b"[" + part + b"]", first_row)
        except (MalformedJson, InvalidInstances):
            _check_lines(lines, first_row)
            raise
        if len(rows) != len(lines):
            _check_lines(lines, first_row)
        return rows

    def _read_rows(self, content: bytes, first_row: int) -> Rows:
        if self._piece.columns.stand_as_sent and content[1:2] == b"{":
            with suppress(*JSON_ERRORS):
                vectors = [row.features for row in _decode_vectors(content)]
                if n_colons_in(content) == len(vectors):  # else a name comes twice
                    return self._piece.checked(vectors, "", first_row)
        return self._piece.read(content, "", first_row=first_row)


def _end_of_row(inside: bytes, start: int) -> int:
    """Return where the comma after the first row that ends from start on stands, or where all ends."""
    found = _find_end(inside, start)
    return found.end() - 1 if found else len(inside)


def _is_json(content: bytes) -> bool:
    try:
        _decode(content)
    except JSON_ERRORS:
        return False
    return True


def _check_lines(lines: list[bytes], first_row: int) -> None:
    """Raise MalformedJson for the first line that is not a JSON value."""
    for row, line in enumerate(lines, first_row):
        try:
            _decode(line)
        except JSON_ERRORS as error:
            reason = str(error)[:100]
            raise MalformedJson(f"Each line must be one JSON value; row {row} is not: {reason}.", (row,)) from None
