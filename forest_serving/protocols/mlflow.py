"""MLflow's scoring server: rows or a data frame in JSON, or CSV with names, in; {"predictions": ...} out."""

from forest_serving.errors import Loc
from forest_serving.protocols.endpoint import (
    JSON_KINDS,
    Doc,
    Headers,
    Intake,
    Protocol,
    encode,
    kind_of,
    page,
)
from forest_serving.protocols.predicting import predicting
from forest_serving.protocols.predictor import Context, Question, Understanding, understood
from forest_serving.protocols.replies import predictions_reply
from forest_serving.protocols.reply_forms import CSV, OTHER_REPLIES, Forms
from forest_serving.protocols.schemas import INSTANCES, PARAMETERS, RECORDS, ROWS, any_of
from forest_serving.rows.data_frames import Frames
from forest_serving.rows.json_body import text_of
from forest_serving.rows.json_schema import Schema, object_schema

NAME = "MLflow"
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
_FORMS = Forms(predictions_reply)


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
    frames, csv = Frames(context.rows, text_of({"inputs": context.example})), context.rows.csv

    def decode(headers: Headers, body: bytes) -> Question | Understanding:
        if kind_of(headers) == CSV:
            return understood(body, csv.reading(body), lambda rows: Question(rows, _FORMS.asked_for(headers)))
        return Question(frames.read(body), _FORMS.asked_for(headers))

    def claims(headers: Headers, body: bytes) -> bool:
        """Return whether a request is MLflow's and not SageMaker's: it sends objects, and CSV with names."""
        kind = kind_of(headers)
        return (kind in JSON_KINDS and body.lstrip()[:1] == b"{") or (kind == CSV and csv.has_names(body))

    intake = Intake(context.settings.max_body_bytes, JSON_KINDS | {CSV})
    table = {
        "GET /ping": page(_HEALTHY, "200 while the server is ready", "ready"),
        "GET /health": page(_HEALTHY, "200 while the server is ready", "ready"),
        "GET /version": page(context.software_version.encode(), "This software's version", "open", _TEXT),
        "POST /invocations": predicting(context, decode, intake, doc, heeds_accept=True, claims=claims),
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


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in this protocol's shape."""
    return encode({"error_code": _CODES.get(status, "BAD_REQUEST"), "message": message})
