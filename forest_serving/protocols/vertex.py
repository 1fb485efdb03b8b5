"""Vertex AI's custom containers: {"instances": rows, "parameters": object or null} in, {"predictions": ...} out."""

from collections.abc import Callable
from typing import Any

import msgspec

from forest_serving.errors import InvalidInstances
from forest_serving.protocols.endpoint import Doc
from forest_serving.protocols.schemas import INSTANCES, PARAMETERS, object_schema
from forest_serving.rows.columns import rows_of
from forest_serving.rows.json_body import check_parameters, check_size, read_fields
from forest_serving.schema import EXAMPLE_ROW
from forest_serving.settings import Settings

EXAMPLE = {"instances": [list(EXAMPLE_ROW)], "parameters": None}
HEALTHY = b"{}"
_EXAMPLE_TEXT = msgspec.json.encode(EXAMPLE).decode()
SCHEMA = object_schema(required={"instances": INSTANCES}, optional={"parameters": PARAMETERS})
DOC = Doc("Class of each row, as Vertex AI asks for it", {"application/json": EXAMPLE}, SCHEMA)
encode = msgspec.json.Encoder().encode


def predict_path(settings: Settings) -> str:
    """Return where predictions are sent, as Vertex AI documents it; empty if this is not Vertex AI."""
    endpoint, model = settings.vertex_endpoint_id, settings.vertex_deployed_model_id
    default = f"/v1/endpoints/{endpoint}/deployedModels/{model}:predict" if endpoint and model else ""
    return settings.vertex_predict_route or default


def decoder(settings: Settings) -> Callable[[bytes], Any]:
    """Return what reads the rows in a request's body; it raises MalformedJson, InvalidInstances or TooManyRows."""

    def decode(body: bytes) -> Any:
        check_size(body, settings)
        request = read_fields(body, _EXAMPLE_TEXT, EXAMPLE)
        check_parameters(request, "parameters")
        if "instances" not in request:
            raise InvalidInstances(f'The field "instances" is missing; send {_EXAMPLE_TEXT}.', ("instances",))
        return rows_of(request["instances"], "instances", settings)

    return decode
