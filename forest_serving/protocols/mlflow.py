"""MLflow's scoring server: rows or a data frame in JSON, or CSV with names, in; {"predictions": ...} out."""

import re
from collections.abc import Mapping
from typing import Any

from forest_serving.errors import InvalidInstances, Loc
from forest_serving.protocols.endpoint import (
    JSON_KINDS,
    Doc,
    Headers,
    Intake,
    Protocol,
    base_of,
    encode,
    page,
)
from forest_serving.protocols.predictor import (
    Context,
    Question,
    Understanding,
    predicting,
    predictions_reply,
    understood,
)
from forest_serving.protocols.reply_forms import CSV, OTHER_REPLIES, asked_for, encoders
from forest_serving.protocols.schemas import INSTANCES, PARAMETERS, RECORDS, ROWS, any_of
from forest_serving.rows.json_body import check_parameters, only_one_of, read_fields, read_value, text_of
from forest_serving.rows.json_schema import Schema, object_schema
from forest_serving.rows.numbers import Rows
from forest_serving.rows.reader import RowReader

NAME = "MLflow"
FORMATS = ("dataframe_split", "dataframe_records", "instances", "inputs")
_TEXT = b"text/plain; charset=utf-8"
_HEALTHY = b'{"status": "Healthy"}'
_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    404: "ENDPOINT_NOT_FOUND",
    429: "REQUEST_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}
_ENCODERS = encoders(predictions_reply)
_RECORDS = re.compile(rb"\[\s*\{").match


def protocol(context: Context) -> Protocol:
    """Return the scoring server's paths."""
    columns = [feature.column for feature in context.card.features]
    example = {"dataframe_split": {"columns": columns, "data": context.example}}
    doc = Doc(
        "Answer to each row, as MLflow's clients ask for it",
        {"application/json": example},
        _schema(columns),
        other_replies=OTHER_REPLIES,
    )
    frames = _Frames(context.rows, text_of({"inputs": context.example}))

    def decode(headers: Headers, body: bytes) -> Question | Understanding:
        def question(rows: Rows) -> Question:
            return Question(rows, _ENCODERS[asked_for(headers)])

        if base_of(headers.get(b"content-type", b"")) == CSV:
            return understood(body, context.rows.csv.reading(body), question)
        return question(frames.read(body))

    def claims(headers: Headers, body: bytes) -> bool:
        """Return whether a request is MLflow's and not SageMaker's: it sends objects, and CSV with names."""
        kind = base_of(headers.get(b"content-type", b""))
        return (kind in JSON_KINDS and body.lstrip()[:1] == b"{") or (kind == CSV and context.rows.csv.has_names(body))

    intake = Intake(context.settings.max_body_bytes, JSON_KINDS | {CSV})
    table = {
        "GET /ping": page(_HEALTHY, "200 while the server is ready", "ready"),
        "GET /health": page(_HEALTHY, "200 while the server is ready", "ready"),
        "GET /version": page(context.software_version.encode(), "This software's version", "open", _TEXT),
        "POST /invocations": predicting(context.model, decode, intake, doc, heeds_accept=True, claims=claims),
    }
    return Protocol(NAME, table, {"/invocations": refuse, "/version": refuse, "/health": refuse})


def _schema(columns: list[str]) -> Schema:
    frame = object_schema(
        {"data": ROWS},
        {
            "columns": {
                "enum": [columns, list(range(len(columns))), None],
                "description": "In any order; numbered, or null: in the schema's.",
            },
            "index": {"type": "null", "description": "Or a list with a label for each row, which no schema can count."},
        },
    )
    schemas = {"dataframe_split": frame, "dataframe_records": RECORDS, "instances": INSTANCES, "inputs": INSTANCES}
    return any_of(*(object_schema({form: schema}, {"params": PARAMETERS}) for form, schema in schemas.items()))


class _Frames:
    """Reads the rows in a JSON object; it raises MalformedJson, InvalidInstances, BodyTooLarge or TooManyRows."""

    def __init__(self, rows: RowReader, example: str) -> None:
        self.rows = rows
        self.example = example
        self.unnamed = list(range(len(rows.columns)))  # what pandas calls the columns of a frame without names

    def read(self, body: bytes) -> Rows:
        self.rows.size_limit.check(body)
        request = read_fields(body, self.example, (*FORMATS, "params", "parameters"))
        check_parameters(request, "params", "parameters")
        form = only_one_of(request, FORMATS)
        if form == "dataframe_split":
            return self._split(request[form])
        if form == "dataframe_records" and not _RECORDS(request[form]):
            raise InvalidInstances('"dataframe_records" must be a list of objects, {column: value}.', (form,))
        return self.rows.json.read(request[form], form)

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
        if columns is None or columns == self.unnamed:
            return self.rows.json.read(frame["data"], form)
        if not isinstance(columns, list):
            raise InvalidInstances('"columns" must be a list of names.', (form, "columns"))
        if _RECORDS(frame["data"]) or frame["data"][:1] == b"{":
            raise InvalidInstances('"data" must be a list of rows, because "columns" names them.', (form, "data"))
        return self.rows.json.read_named(frame["data"], columns, (form, "columns"))


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in this protocol's shape."""
    return encode({"error_code": _CODES.get(status, "BAD_REQUEST"), "message": message})
