"""TorchServe's inference API: rows in, a list with one class index for each row out."""

from collections.abc import Callable
from typing import Any

import msgspec

from forest_serving.errors import Loc
from forest_serving.protocols.endpoint import Doc
from forest_serving.protocols.schemas import INSTANCES, any_of, object_schema
from forest_serving.rows.columns import rows_of
from forest_serving.rows.json_body import check_size, only_one_of, read_fields
from forest_serving.schema import EXAMPLE_ROW, Predictor
from forest_serving.settings import Settings

HEALTHY = b'{"status": "Healthy"}'
EXAMPLE = {"data": [list(EXAMPLE_ROW)]}
_TYPES = {
    401: "InvalidKeyException",
    404: "ModelNotFoundException",
    405: "MethodNotAllowedException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}
DOC = Doc(
    "Class of each row, as TorchServe's clients ask for it",
    {"application/json": EXAMPLE},
    any_of(INSTANCES, *(object_schema({field: INSTANCES}) for field in ("data", "instances"))),
)
encode = msgspec.json.Encoder().encode


def prediction(model: Predictor, settings: Settings) -> Callable[[bytes], bytes]:
    """Return what answers /predictions/…; it raises MalformedJson, InvalidInstances or TooManyRows."""

    def predict(body: bytes) -> bytes:
        check_size(body, settings)
        return encode(model.predict(_rows(body, settings))["predictions"])

    return predict


def _rows(body: bytes, settings: Settings) -> Any:
    if body.lstrip()[:1] != b"{":
        return rows_of(body, "", settings)
    request = read_fields(body, "[[5.1, 3.5, 1.4, 0.2]]", ("data", "instances"))
    field = only_one_of(request, ("data", "instances"))
    return rows_of(request[field], field, settings)


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in this protocol's shape."""
    return encode({"code": status, "type": _TYPES.get(status, "BadRequestException"), "message": message})
