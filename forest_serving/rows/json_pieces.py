"""Rows in JSON that are read piece by piece: one a line, or a list of them."""

from contextlib import suppress

import msgspec

from forest_serving.errors import MalformedJson
from forest_serving.rows.json_body import SizeLimit
from forest_serving.rows.json_rows import JsonReader
from forest_serving.rows.numbers import Rows
from forest_serving.rows.pieces import PIECE_BYTES, Reading, pieces, read_pieces


class _Vector(msgspec.Struct, forbid_unknown_fields=True):
    features: list[float]  # of a model that knows only numbers


_decode = msgspec.json.Decoder(msgspec.Raw).decode
_decode_lines = msgspec.json.Decoder(msgspec.Raw).decode_lines
_decode_vectors = msgspec.json.Decoder(_Vector).decode_lines
_ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)


class JsonPieces:
    """Reads rows in a body that is nothing else.

    Args:
        json: reads a body at once.
        size_limit: on bodies that are read at once, and on bytes.
    """

    def __init__(self, json: JsonReader, size_limit: SizeLimit) -> None:
        self._at_once = json
        self._piece = JsonReader(
            json.instances, json.few, json.arrays, size_limit.max_bytes, json.example
        )  # of any rows that fit
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
        try:
            return (yield from read_pieces(_parts(body), self._read_part))
        except MalformedJson:  # or cut within a row
            self._limit.check(body)
            return self._at_once.read(body, "")

    def _read_part(self, part: bytes, first_row: int) -> Rows:
        self._limit.check(part)
        return self._piece.read(b"[" + part + b"]", "", first_row=first_row)

    def lines(self, body: bytes) -> Reading:
        """Read a row from each line: {"features": values}, {name: value}, or values; see list_of_rows."""
        self._limit.check_bytes(body)
        rows = (
            self._read_lines(body, 0)
            if len(body) <= PIECE_BYTES
            else (yield from read_pieces(pieces(body, b"\n"), self._read_lines))
        )
        return rows if len(rows) else self._piece.checked([], "")

    def _read_lines(self, piece: bytes, first_row: int) -> Rows:
        self._limit.check(piece)
        if self._piece.columns.stand_as_sent:
            with suppress(*_ERRORS):
                if vectors := [line.features for line in _decode_vectors(piece)]:
                    return self._piece.checked(vectors, "", first_row)
        if lines := _values_in(piece, first_row):
            return self._piece.read(b"[" + b",".join(lines) + b"]", "", first_row=first_row)
        return []


def _parts(body: bytes) -> list[bytes]:
    """Return the rows of a list in parts, each of which is the inside of a list, if it was cut where a row ends.

    Where it was cut within a row, no part before and after is JSON: of brackets and quotes it has too few.
    """
    inside = body.strip()[1:-1].strip()
    if body.strip()[:1] != b"[" or body.strip()[-1:] != b"]" or inside[-1:] == b",":
        return [inside + b","]  # is no JSON
    end = b"}," if inside[:1] == b"{" else b"],"
    *first, last = pieces(inside, end) if inside else [b""]
    return [*(part[:-1] for part in first), last]


def _values_in(piece: bytes, first_row: int) -> list[bytes]:
    """Return the JSON value of each line that is not empty; raise MalformedJson for the first that is none."""
    try:
        return list(map(bytes, _decode_lines(piece)))
    except _ERRORS:
        for row, line in enumerate(filter(None, map(bytes.strip, piece.split(b"\n"))), first_row):
            try:
                _decode(line)
            except _ERRORS as error:
                reason = str(error)[:100]
                raise MalformedJson(f"Each line must be one JSON value; row {row} is not: {reason}.", (row,)) from None
        raise MalformedJson("Each line must be one JSON value.") from None
