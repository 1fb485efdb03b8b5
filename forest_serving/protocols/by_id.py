"""Rows that a client asks for by id: they are found, read, and then answered as rows in a body are."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from forest_serving.errors import FeaturesOff, InvalidInstances, TooManyRows, UnknownIds
from forest_serving.features.source import MAX_ID_BYTES
from forest_serving.few_of_many import first_of
from forest_serving.protocols.endpoint import Headers, Reply, encode, query_values
from forest_serving.protocols.predictor import Context, Question, Sought, Understanding, Writing
from forest_serving.rows.json_body import JSON_ERRORS, check_fields, read_fields, read_value
from forest_serving.rows.json_schema import Schema, object_schema
from forest_serving.rows.numbers import Rows
from forest_serving.rows.stored_records import PIECE_IDS
from forest_serving.rows.words import kind_of, shown_id
from forest_serving.settings import Settings

FIELD = "ids"
EXAMPLE = '{"ids": ["a17"]}'
STATUSES = (404, 422, 503, 504)  # of refusals
_MOST_NAMED = 10
_SURE_CHARACTERS = MAX_ID_BYTES // 4  # which are never too many bytes of UTF-8
_MISSING = "missing"

IDS: Schema = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "string", "minLength": 1, "maxLength": MAX_ID_BYTES},
    "description": f"Ids under which rows are stored, each of up to {MAX_ID_BYTES} bytes.",
}
SCHEMA = object_schema({FIELD: IDS})
MISSING_PARAMETER: Schema = {
    "name": _MISSING,
    "in": "query",
    "description": "With null, an id that nothing is stored under gets null; without, it is an error.",
    "schema": {"const": "null"},
}


class IdReader:
    """Reads the ids in {"ids": [...]}.

    Args:
        settings: the limits in force.
        fields: of the reply, for whoever wants null in place of an error.
    """

    def __init__(self, settings: Settings, fields: tuple[str, ...] = ()) -> None:
        self.max_rows = settings.max_rows
        self.fields = fields
        ids = Annotated[list[Annotated[str, msgspec.Meta(min_length=1, max_length=_SURE_CHARACTERS)]], self._lengths()]
        request: Any = msgspec.defstruct("Request", [(FIELD, ids)], forbid_unknown_fields=True)
        self._decode = msgspec.json.Decoder(request).decode

    def _lengths(self) -> msgspec.Meta:
        return msgspec.Meta(min_length=1, max_length=self.max_rows)

    def read(self, headers: Headers, body: bytes, ask: Callable[[Rows], Question]) -> Sought | None:
        """Return what is asked for; None if that is not rows by id.

        Raises:
            MalformedJson, InvalidInstances, TooManyRows: if the ids cannot be looked up.
        """
        if b'"ids"' not in body:
            return None
        ids = self._sure(body) or self._examined(body)
        if ids is None:
            return None
        return Sought(ids, ask, self.fields if wants_null(headers) else ())

    def read_alone(self, body: bytes) -> list[str]:
        """Return the ids of a body that may hold nothing else; raises as read() does."""
        ids = self._sure(body) or self._examined(body)
        if ids is None:
            raise InvalidInstances(f'"{FIELD}" is missing; send, for example, {EXAMPLE}.', (FIELD,))
        return ids

    def _sure(self, body: bytes) -> list[str] | None:
        try:
            ids: list[str] = self._decode(body).ids
        except JSON_ERRORS:
            return None
        return ids

    def _examined(self, body: bytes) -> list[str] | None:
        request = read_fields(body, EXAMPLE)
        if FIELD not in request:
            return None
        if "instances" in request:
            raise InvalidInstances('Send either "ids" or "instances"; the body has both.', (FIELD,))
        check_fields(request, {FIELD})
        ids = read_value(request[FIELD], EXAMPLE)
        if not isinstance(ids, list):
            raise InvalidInstances(f'"{FIELD}" must be a list of ids, not {kind_of(ids)}.', (FIELD,))
        return checked(ids, self.max_rows)


def checked(ids: Sequence[object], max_rows: int) -> list[str]:
    """Return ids that may be looked up.

    Raises:
        InvalidInstances: if there are none, or one is not a text of 1 to 256 bytes.
        TooManyRows: if there are more than max_rows.
    """
    if not ids:
        raise InvalidInstances(f'"{FIELD}" is empty; send at least one id.', (FIELD,))
    if len(ids) > max_rows:
        raise TooManyRows(f"The body has {len(ids):,} ids; {max_rows:,} may come at a time (FOREST_MAX_ROWS).")
    for position, id in enumerate(ids):
        if fault := fault_of(id):
            raise InvalidInstances(f"Id {position} {fault}.", (FIELD, position))
    return list(map(str, ids))


def fault_of(id: object) -> str:
    """Return what is wrong with an id, to go on after its name; nothing if it may be looked up."""
    if not isinstance(id, str):
        return f"is {kind_of(id)}; send it as text, in quotes"
    if not id:
        return "is empty; an id has at least one character"
    n_bytes = len(id.encode())
    return f"has {n_bytes:,} bytes; an id may have {MAX_ID_BYTES}" if n_bytes > MAX_ID_BYTES else ""


def no_features(ids: Sequence[str]) -> list[bytes | None]:
    """Raise FeaturesOff; stands in where rows are stored nowhere."""
    sentence = 'Rows by id are off: send "instances", or set FOREST_FEATURES to where rows are stored.'
    raise FeaturesOff(sentence, (FIELD,))


def wants_null(headers: Headers) -> bool:
    """Return whether null is to stand for what is not stored; raise InvalidInstances if the query says neither."""
    asked = query_values(headers, _MISSING)
    if asked not in ([], [b"null"]):
        raise InvalidInstances('The parameter "missing" must be null, as in ?missing=null, or not be there.')
    return bool(asked)


def question_of(context: Context, sought: Sought, found: Sequence[bytes | None]) -> Question | Understanding | Reply:
    """Return what is asked about the rows that were found; a reply if there are none, and need be none.

    Raises:
        UnknownIds: if ids are unknown, and must not be.
        UnfitRecord: if what is stored is no row of the model.
    """
    records = [record for record in found if record is not None]
    ids = sought.ids
    if len(records) < len(found):
        if not sought.fields:
            raise _unknown(ids, found)
        if not records:
            return Reply(encode(dict.fromkeys(sought.fields, [None] * len(found))))
        ids = [id for id, record in zip(ids, found, strict=True) if record is not None]
        sought = Sought(ids, lambda rows, ask=sought.ask: _with_gaps(ask(rows), found))  # type: ignore[misc]
    if len(ids) <= PIECE_IDS:
        return sought.ask(context.rows.stored.read(ids, records))
    return _read(context, sought, records)


def _read(context: Context, sought: Sought, records: Sequence[bytes]) -> Understanding:
    rows = yield from context.rows.stored.read_in_turns(sought.ids, records)
    return sought.ask(rows)


def _unknown(ids: Sequence[str], found: Sequence[bytes | None]) -> UnknownIds:
    unknown = list(dict.fromkeys(id for id, record in zip(ids, found, strict=True) if record is None))
    names = first_of([f'"{shown_id(id)}"' for id in unknown], _MOST_NAMED)
    sentence = f"Nothing is stored under {names}, and so nothing was predicted; store it, or leave it out."
    return UnknownIds(sentence, (FIELD, found.index(None)))


def _with_gaps(question: Question, found: Sequence[bytes | None]) -> Question:
    """Return a question whose reply has null where nothing was found."""

    def fill(reply: Reply) -> Reply:
        told = {
            name: iter(each) if isinstance(each, list) else each
            for name, each in msgspec.json.decode(reply.body).items()
        }
        gaps = {
            name: each if isinstance(each, str) else [None if record is None else next(each) for record in found]
            for name, each in told.items()
        }
        return Reply(encode(gaps))

    def fill_in_turns(writing: Writing) -> Writing:
        return fill((yield from writing))

    def tell(answers: Any) -> Reply | Writing:
        reply = question.encode(answers)
        return fill(reply) if isinstance(reply, Reply) else fill_in_turns(reply)

    return Question(question.rows, tell, question.with_probabilities)
