"""TorchServe's inference API: rows in, a list with one class for each row out."""

from forest_serving.errors import Loc
from forest_serving.protocols.endpoint import Doc, Headers, Protocol, encode, page
from forest_serving.protocols.predicting import predicting
from forest_serving.protocols.predictor import Context, Question
from forest_serving.protocols.replies import list_reply
from forest_serving.protocols.schemas import INSTANCES, any_of
from forest_serving.rows.json_body import only_one_of, read_fields, text_of
from forest_serving.rows.json_schema import object_schema
from forest_serving.rows.numbers import Rows

NAME = "TorchServe"
HEALTHY = b'{"status": "Healthy"}'
_FIELDS = ("data", "instances")
_TYPES = {
    401: "InvalidKeyException",
    404: "ModelNotFoundException",
    405: "MethodNotAllowedException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}


def protocol(context: Context) -> Protocol:
    """Return TorchServe's paths."""
    example_text = text_of(context.example)
    schema = any_of(INSTANCES, *(object_schema({field: INSTANCES}) for field in _FIELDS))
    example = {"application/json": {"data": context.example}}
    doc = Doc("Answer to each row, as TorchServe's clients ask for it", example, schema)

    def rows_of(body: bytes) -> Rows:
        if body.lstrip()[:1] != b"{":
            return context.rows.json.read(body, "")
        request = read_fields(body, example_text, _FIELDS)
        field = only_one_of(request, _FIELDS)
        return context.rows.json.read(request[field], field)

    def decode(headers: Headers, body: bytes) -> Question:
        context.rows.size_limit.check(body)
        return Question(rows_of(body), list_reply)

    predict, name = predicting(context, decode, context.json_intake, doc), context.card.name
    paths = (f"/predictions/{name}", f"/predictions/{name}/{context.model.version}")
    # "curl URL -T file", which TorchServe's documentation shows, is a PUT.
    predictions = {f"{method} {path}": predict for path in paths for method in ("POST", "PUT")}
    table = {"GET /ping": page(HEALTHY, "200 while the server is ready", "ready"), **predictions}
    return Protocol(NAME, table, {"/predictions": refuse, "/ping": refuse})


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in this protocol's shape."""
    return encode({"code": status, "type": _TYPES.get(status, "BadRequestException"), "message": message})
