"""Rows in {"instances": rows}, or the ids of rows in {"ids": [...]}, as the service's own protocol has them."""

from collections.abc import Callable
from difflib import get_close_matches
from itertools import islice

from forest_serving.errors import InvalidInstances, TooManyRows
from forest_serving.protocols import by_id
from forest_serving.protocols.endpoint import Headers
from forest_serving.protocols.predictor import Context, Decode, Question, Sought
from forest_serving.rows.json_body import check_fields, read_fields
from forest_serving.rows.numbers import Rows
from forest_serving.rows.reader import RowReader

FIELD = "instances"
_BY_ID = b'{"ids"'  # as most bodies with ids begin; to find out that they are no rows would take a microsecond


def decoder(
    context: Context, rows_of: Callable[[bytes], Rows], ask: Callable[[Rows], Question], fields: tuple[str, ...]
) -> Decode:
    """Return what reads rows, or ids of rows; read_few goes first, as most bodies are short."""
    read_few, read_ids = context.rows.few.field_reader(FIELD), by_id.IdReader(context.settings, fields).read

    def decode(headers: Headers, body: bytes) -> Question | Sought:
        rows = (
            None if body.startswith(_BY_ID) else read_few(body)
        )  # for which it would take a microsecond to refuse them
        if rows is None and (sought := read_ids(headers, body, ask)):
            return sought
        return ask(rows_of(body) if rows is None else rows)

    return decode


def rows_decoder(reader: RowReader, example: str) -> Callable[[bytes], Rows]:
    """Return what reads the rows in a request's body.

    Fast readers take what is surely good: one made for few rows, one for many. Whatever they refuse is read again by
    the rules of InstanceReader, which words the error. The reader raises

    MalformedJson: if the body cannot be read as JSON;
    InvalidInstances: if it is not an object with the one field "instances", or the rows are refused;
    TooManyRows: if it may hold more than the settings allow.
    """
    read_few, columns, max_rows = reader.few.field_reader(FIELD), reader.columns, reader.max_rows
    max_commas, max_ends = max_rows * (len(columns) + columns.most(",")), max_rows * (1 + columns.most("]")) + 100

    def decode(body: bytes) -> Rows:
        if (rows := read_few(body)) is not None or (rows := reader.arrays.read_request(body, max_rows)) is not None:
            return rows
        # Bodies of a million brackets are slow to refuse: whatever has as many commas or rows as too many rows would
        # have is not looked into.
        if body.count(b",") >= max_commas or body.count(b"],") > max_ends:
            raise TooManyRows(
                f"The body holds more values than {max_rows:,} rows (FOREST_MAX_ROWS); send fewer rows at a time."
            )
        return _examined(body, reader, example)

    return decode


def _examined(body: bytes, reader: RowReader, example: str) -> Rows:
    """Return rows that may be good, or find the first fault."""
    content = instances_in(body, example)
    if content[:1] == b"{":
        return reader.instances.read({})  # columns are no list of rows; this refuses them
    return reader.json.read(content, FIELD, example)


def instances_in(body: bytes, example: str) -> bytes:
    """Return the JSON text of what should be rows.

    Raises:
        MalformedJson, InvalidInstances: if the body cannot be read, or is not an object with the one field "instances".
    """
    request = read_fields(body, example)
    if FIELD not in request:
        names = [key for key in islice(request, 20) if len(key) < 40 and key.isprintable()]
        guess = get_close_matches(FIELD, names, 1)
        hint = f'did you mean "{FIELD}" where you wrote "{guess[0]}"?' if guess else f"send {example}."
        raise InvalidInstances(f'The field "{FIELD}" is missing; {hint}', (FIELD,))
    check_fields(request, {FIELD})
    return request[FIELD]
