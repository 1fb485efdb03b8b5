"""The service's own protocol: {"instances": rows} in, {"predictions": ...} out."""

from collections.abc import Callable
from difflib import get_close_matches
from itertools import islice

from forest_serving.errors import InvalidInstances, Loc, TooManyRows
from forest_serving.protocols import by_id
from forest_serving.protocols.endpoint import Doc, Headers, Protocol, Table, encode, page
from forest_serving.protocols.predicting import predicting
from forest_serving.protocols.predictor import Context, Decode, Question, Sought
from forest_serving.protocols.replies import predictions_reply, probabilities_reply
from forest_serving.protocols.schemas import INSTANCES, any_of
from forest_serving.rows.json_body import check_fields, read_fields, text_of
from forest_serving.rows.json_schema import object_schema
from forest_serving.rows.numbers import Rows
from forest_serving.rows.reader import RowReader

NAME = "The service's own"
_FIELD = "instances"
_BY_ID = b'{"ids"'  # as most bodies with ids begin; to find out that they are no rows would take a microsecond


def protocol(context: Context) -> Protocol:
    """Return the service's own paths."""
    model, example = context.model, {_FIELD: context.example}
    rows_of = rows_decoder(context.rows, text_of(example))
    predictions = _decoder(context, rows_of, lambda rows: Question(rows, predictions_reply), ("predictions",))
    about = Doc("What is served: tag, task, engine, features, training report", reply="Model")
    table = {
        "POST /predict": predicting(context, predictions, context.json_intake, _doc(context, "Answer to each row")),
        **(_probabilities(context, rows_of) if context.card.is_classifier else {}),  # else routing.py says why not
        "GET /model": page(encode(model.describe()), about),
    }
    return Protocol(NAME, table, {"": refuse})


def _probabilities(context: Context, rows_of: Callable[[bytes], Rows]) -> Table:
    """Return what answers with probabilities, too."""
    fields = ("predictions", "labels", "probabilities")
    decode = _decoder(context, rows_of, lambda rows: Question(rows, probabilities_reply, True), fields)
    doc = _doc(context, "Class, class name and class probabilities of each row")._replace(reply="Probabilities")
    return {"POST /predict_proba": predicting(context, decode, context.json_intake, doc)}


def _doc(context: Context, summary: str) -> Doc:
    """Return what OpenAPI says; of ids only where rows are stored."""
    example = {_FIELD: context.example}
    schema = object_schema({_FIELD: INSTANCES})
    doc = Doc(summary, {"application/json": example}, schema | {"example": example}, reply="Predictions")
    if context.features is None:
        return doc
    schema = any_of(schema, by_id.SCHEMA) | {"example": example}
    return doc._replace(schema=schema, parameters=(by_id.MISSING_PARAMETER,), statuses=by_id.STATUSES)


def _decoder(
    context: Context, rows_of: Callable[[bytes], Rows], ask: Callable[[Rows], Question], fields: tuple[str, ...]
) -> Decode:
    """Return what reads rows, or ids of rows; read_few goes first, as most bodies are short."""
    read_few, read_ids = context.rows.few.field_reader(_FIELD), by_id.IdReader(context.settings, fields).read

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
    read_few, columns, max_rows = reader.few.field_reader(_FIELD), reader.columns, reader.max_rows
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
    request = read_fields(body, example)
    if _FIELD not in request:
        names = [key for key in islice(request, 20) if len(key) < 40 and key.isprintable()]
        guess = get_close_matches(_FIELD, names, 1)
        hint = f'did you mean "{_FIELD}" where you wrote "{guess[0]}"?' if guess else f"send {example}."
        raise InvalidInstances(f'The field "{_FIELD}" is missing; {hint}', (_FIELD,))
    check_fields(request, {_FIELD})
    if request[_FIELD][:1] == b"{":
        return reader.instances.read({})  # columns are no list of rows; this refuses them
    return reader.json.read(request[_FIELD], _FIELD, example)


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in BentoML's shape, which its clients understand."""
    return encode({"error": message, "detail": [{"loc": loc, "msg": message}] if loc else []})
