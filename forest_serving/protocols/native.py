"""The service's own protocol: {"instances": rows} in, {"predictions": ...} out."""

from collections.abc import Callable

from forest_serving.errors import Loc
from forest_serving.protocols import by_id
from forest_serving.protocols.endpoint import Doc, Protocol, Table, encode, page
from forest_serving.protocols.instances_field import FIELD, decoder, rows_decoder
from forest_serving.protocols.predicting import predicting
from forest_serving.protocols.predictor import Context, Question
from forest_serving.protocols.replies import predictions_reply, probabilities_reply
from forest_serving.protocols.schemas import INSTANCES, any_of
from forest_serving.rows.json_body import text_of
from forest_serving.rows.json_schema import object_schema
from forest_serving.rows.numbers import Rows

NAME = "The service's own"


def protocol(context: Context) -> Protocol:
    """Return the service's own paths."""
    model, example = context.model, {FIELD: context.example}
    rows_of = rows_decoder(context.rows, text_of(example))
    predictions = decoder(context, rows_of, lambda rows: Question(rows, predictions_reply), ("predictions",))
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
    decode = decoder(context, rows_of, lambda rows: Question(rows, probabilities_reply, True), fields)
    doc = _doc(context, "Class, class name and class probabilities of each row")._replace(reply="Probabilities")
    return {"POST /predict_proba": predicting(context, decode, context.json_intake, doc)}


def _doc(context: Context, summary: str) -> Doc:
    """Return what OpenAPI says; of ids only where rows are stored."""
    example = {FIELD: context.example}
    schema = object_schema({FIELD: INSTANCES})
    doc = Doc(summary, {"application/json": example}, schema | {"example": example}, reply="Predictions")
    if context.features is None:
        return doc
    schema = any_of(schema, by_id.SCHEMA) | {"example": example}
    return doc._replace(schema=schema, parameters=(by_id.MISSING_PARAMETER,), statuses=by_id.STATUSES)


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in BentoML's shape, which its clients understand."""
    return encode({"error": message, "detail": [{"loc": loc, "msg": message}] if loc else []})
