"""What lives below /v1/models: KServe V1 and TensorFlow Serving's REST API, which share their paths and words.

Where they differ, a reply has the keys of both.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from forest_serving.errors import InvalidInstances, Loc
from forest_serving.protocols.endpoint import Doc
from forest_serving.protocols.schemas import INSTANCES, PARAMETERS, any_of, object_schema
from forest_serving.rows.columns import rows_of
from forest_serving.rows.json_body import check_parameters, check_size, only_one_of, read_fields
from forest_serving.schema import EXAMPLE_ROW, FEATURES, MODEL_NAME, Predictor
from forest_serving.settings import Settings

EXAMPLE = {"instances": [list(EXAMPLE_ROW)]}
SIGNATURE = "serving_default"
_SIGNATURES = {b"null", b'""', f'"{SIGNATURE}"'.encode()}
_FIELDS = {"instances", "inputs", "signature_name", "parameters", "params"}
_EXAMPLE_TEXT = msgspec.json.encode(EXAMPLE).decode()
_OPTIONAL = {"signature_name": {"enum": [SIGNATURE, "", None]}, "parameters": PARAMETERS, "params": PARAMETERS}
DOC = Doc(
    "Class of each row, as KServe V1 and TensorFlow Serving ask for it",
    {"application/json": EXAMPLE},
    any_of(*(object_schema({field: INSTANCES}, _OPTIONAL) for field in ("instances", "inputs"))),
)
encode = msgspec.json.Encoder().encode


def prediction(model: Predictor, settings: Settings) -> Callable[[bytes], bytes]:
    """Return what answers …:predict; it raises MalformedJson, InvalidInstances or TooManyRows."""

    def predict(body: bytes) -> bytes:
        check_size(body, settings)
        request = read_fields(body, _EXAMPLE_TEXT, _FIELDS)
        check_parameters(request, "parameters", "params")
        if request.get("signature_name", b"null") not in _SIGNATURES:
            raise InvalidInstances(f'The one signature is "{SIGNATURE}".', ("signature_name",))
        field = only_one_of(request, ("instances", "inputs"))
        predictions = model.predict(rows_of(request[field], field, settings))["predictions"]
        # KServe says "predictions" in any case, TensorFlow Serving "outputs" where it got "inputs".
        return encode({"predictions": predictions} | ({"outputs": predictions} if field == "inputs" else {}))

    return predict


def models() -> bytes:
    """Return KServe's list of models."""
    return encode({"models": [MODEL_NAME]})


def status(version: str) -> bytes:
    """Return KServe's state of the model, and TensorFlow Serving's."""
    state = {"version": version, "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    return encode({"name": MODEL_NAME, "ready": True, "model_version_status": [state]})


def metadata(version: str) -> bytes:
    """Return TensorFlow Serving's metadata."""
    spec = {"name": MODEL_NAME, "signature_name": "", "version": version}
    signature = {
        "inputs": {"instances": _tensor("DT_DOUBLE", -1, len(FEATURES))},
        "outputs": {"predictions": _tensor("DT_INT64", -1)},
        "method_name": "tensorflow/serving/predict",
    }
    return encode(
        {
            "model_spec": spec,
            "metadata": {"signature_def": {"signature_def": {SIGNATURE: signature}}},
        }
    )


def _tensor(dtype: str, *shape: int) -> dict[str, Any]:
    dim = [{"size": str(size), "name": ""} for size in shape]
    return {"dtype": dtype, "tensor_shape": {"dim": dim, "unknown_rank": False}, "name": ""}


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in both protocols' shape."""
    return encode({"error": message})
