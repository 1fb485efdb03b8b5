"""The Open Inference Protocol, version 2, as KServe, Triton, MLServer and OpenVINO Model Server speak it.

A request is JSON, or JSON and then the bytes of tensors, where the header Inference-Header-Content-Length says how long
the JSON is. A reply has the form that the request asks for.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from forest_serving.errors import InvalidInstances, Loc, MalformedJson
from forest_serving.protocols.endpoint import JSON, Answer, Doc, EventualAnswer, Headers
from forest_serving.protocols.negotiation import check_accept
from forest_serving.protocols.schemas import PARAMETERS, ROWS
from forest_serving.rows.columns import is_feature
from forest_serving.rows.json_body import check_size, read_object, shown
from forest_serving.rows.named_tensors import TYPES, Input, rows_of_inputs
from forest_serving.schema import CLASS_NAMES, DOMAIN_LIMIT, EXAMPLE_ROW, FEATURES, MODEL_NAME, Predictor
from forest_serving.settings import Settings

OCTETS = b"application/octet-stream"
LENGTH_HEADER = b"inference-header-content-length"
_PREDICT = [("predict", False)]
INTAKE = "The body must be JSON, or JSON and tensors; send Content-Type: application/json or application/octet-stream."
OUTPUTS = ("predict", "predict_proba")
EXAMPLE = {
    "id": "1",
    "inputs": [{"name": "input-0", "shape": [1, len(FEATURES)], "datatype": "FP64", "data": [list(EXAMPLE_ROW)]}],
}
_INPUT = {
    "type": "object",
    "required": ["name", "shape", "datatype", "data"],
    "properties": {
        "name": {"type": "string"},
        "shape": {"const": [1, len(FEATURES)]},
        "datatype": {"enum": ["FP32", "FP64"]},
        "data": {"allOf": [ROWS, {"maxItems": 1}]},
        "parameters": PARAMETERS,
    },
}
DOC = Doc(
    "Outputs for a tensor of rows, or a column for each feature; shown for one row",
    {"application/json": EXAMPLE},
    {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": ["string", "null"]},
            "inputs": {"type": "array", "minItems": 1, "maxItems": 1, "items": _INPUT},
            "outputs": {"enum": [None, [], *([{"name": name}] for name in OUTPUTS), [{"name": n} for n in OUTPUTS]]},
            "parameters": PARAMETERS,
        },
    },
    other_replies=("application/octet-stream",),
)
INDEX_DOC = Doc("Which models there are", {"application/json": {"ready": True}}, {"type": "object"}, needs_body=False)
encode = msgspec.json.Encoder().encode


class _Output(msgspec.Struct):
    name: str
    parameters: dict[str, Any] | None = None


class _Request(msgspec.Struct):
    inputs: Annotated[list[Input], msgspec.Meta(min_length=1, max_length=1000)]
    id: str | None = None
    outputs: Annotated[list[_Output], msgspec.Meta(max_length=1000)] | None = None
    parameters: dict[str, Any] | None = None


_decode_request = msgspec.json.Decoder(_Request).decode


_Number = Annotated[float, msgspec.Meta(gt=-DOMAIN_LIMIT, lt=DOMAIN_LIMIT)]


class _PlainInput(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    shape: tuple[int, Literal[len(FEATURES)]]  # type: ignore[valid-type]  # a length that schema.py decides
    datatype: Literal["FP32", "FP64"]
    data: Annotated[list[tuple[(_Number,) * len(FEATURES)]], msgspec.Meta(min_length=1)]  # type: ignore[valid-type]


class _PlainRequest(msgspec.Struct, forbid_unknown_fields=True):
    inputs: tuple[_PlainInput]
    id: str | None = None


_FEW_BYTES = 600  # up to about ten rows
_decode_plain = msgspec.json.Decoder(_PlainRequest).decode


def inference(model: Predictor, settings: Settings) -> Callable[[Headers, bytes], EventualAnswer]:
    """Return what answers …/infer.

    It raises MalformedJson, InvalidInstances, TooManyRows, BodyTooLarge or NotAcceptable.
    """

    async def infer_any(headers: Headers, body: bytes) -> Answer:
        head, tensors = _split(headers, body)
        check_size(head, settings)
        request = _parse(head)
        outputs = _wanted(request)
        rows = rows_of_inputs(request.inputs, tensors, settings)
        found = await _predict(model, rows, [name for name, _ in outputs])
        answer = _encode(model.version, request.id, outputs, found)
        check_accept(headers.get(b"accept", b"*/*"), answer.media_type)
        return answer

    def infer(headers: Headers, body: bytes) -> EventualAnswer:
        if len(body) <= _FEW_BYTES and LENGTH_HEADER not in headers and headers.get(b"accept", b"*/*") == b"*/*":
            plain = _read_plain(body)
            if plain and len(plain.inputs[0].data) <= settings.max_rows:
                labels = model.predict(plain.inputs[0].data)["predictions"]
                return _encode(model.version, plain.id, _PREDICT, {"predict": labels})
        return infer_any(headers, body)

    return infer


def _read_plain(body: bytes) -> _PlainRequest | None:
    """Return what nearly every small request is: rows as they are nested; None for whatever needs a closer look."""
    try:
        request: _PlainRequest = _decode_plain(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    (tensor,) = request.inputs
    return request if tensor.shape[0] == len(tensor.data) and not is_feature(tensor.name) else None


def _split(headers: Headers, body: bytes) -> tuple[bytes, memoryview]:
    """Return the JSON and the bytes of tensors."""
    length = headers.get(LENGTH_HEADER)
    if length is None:
        return body, memoryview(b"")
    if not length.isdigit() or len(length) > 15 or int(length) > len(body):
        raise MalformedJson(
            f"Inference-Header-Content-Length must be the number of bytes of JSON; the body has {len(body):,}."
        )
    return body[: int(length)], memoryview(body)[int(length) :]


def _parse(head: bytes) -> _Request:
    try:
        return _decode_request(head)
    except msgspec.ValidationError as error:
        raise InvalidInstances(f"The request does not follow the protocol: {str(error)[:200]}.") from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise MalformedJson(f"The request cannot be read as JSON: {str(error)[:200]}.") from None


def _wanted(request: _Request) -> list[tuple[str, bool]]:
    """Return the outputs asked for, and whether each shall be binary."""
    default = _flag(request.parameters, "binary_data_output", False)
    if not request.outputs:
        return [("predict", default)]
    names = [output.name for output in request.outputs]
    for name in names:
        if name not in OUTPUTS:
            raise InvalidInstances(f'There is no output "{shown(name)}"; ask for {" or ".join(OUTPUTS)}.')
        if names.count(name) > 1:
            raise InvalidInstances(f'The output "{name}" is asked for twice; ask once.')
    for output in request.outputs:
        if "classification" in (output.parameters or {}):
            raise InvalidInstances('"classification" is not offered; ask for predict_proba.')
    return [(output.name, _flag(output.parameters, "binary_data", default)) for output in request.outputs]


def _flag(parameters: dict[str, Any] | None, name: str, default: bool) -> bool:
    flag = (parameters or {}).get(name, default)
    if not isinstance(flag, bool):
        raise InvalidInstances(f'The parameter "{name}" must be true or false.')
    return flag


async def _predict(model: Predictor, rows: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return the outputs asked for; from arrays as arrays, from lists as lists."""
    if isinstance(rows, list) and "predict_proba" not in names:
        return {"predict": model.predict(rows)["predictions"]}
    if isinstance(rows, list):
        answer = model.predict_proba(rows)
        return {"predict": answer["predictions"], "predict_proba": answer["probabilities"]}
    if "predict_proba" not in names:
        return {"predict": await model.predict_array(rows)}
    probabilities = await model.predict_proba_array(rows)
    return {"predict": probabilities.argmax(axis=1), "predict_proba": probabilities}


def _encode(version: str, request_id: str | None, outputs: Sequence[tuple[str, bool]], found: Any) -> Answer:
    described, tensors = [], []
    for name, is_binary in outputs:
        values = found[name]
        output: dict[str, Any] = {"name": name, **_KINDS[name], "shape": [len(values), *_WIDTH[name]]}
        if is_binary:
            tensors.append(np.ascontiguousarray(values, TYPES[_KINDS[name]["datatype"]]).tobytes())
            output["parameters"] = {"binary_data_size": len(tensors[-1])}
        else:
            output["data"] = np.ravel(values).tolist() if _WIDTH[name] else _listed(values)
        described.append(output)
    reply: dict[str, Any] = {"model_name": MODEL_NAME, "model_version": version}
    if request_id is not None:
        reply["id"] = request_id
    head = encode(reply | {"outputs": described})
    if not any(is_binary for _, is_binary in outputs):
        return Answer(JSON, head)
    return Answer(OCTETS, b"".join([head, *tensors]), ((LENGTH_HEADER, b"%d" % len(head)),))


_KINDS = {"predict": {"datatype": "INT64"}, "predict_proba": {"datatype": "FP64"}}
_WIDTH = {"predict": [], "predict_proba": [len(CLASS_NAMES)]}


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else values.tolist()


def server(version: str) -> bytes:
    """Return the server's metadata.

    Args:
        version: of this software.
    """
    return encode({"name": "iris-serving", "version": version, "extensions": ["binary_tensor_data"]})


def metadata(version: str) -> bytes:
    """Return the model's metadata; version is the model's."""
    n_features = len(FEATURES)
    return encode(
        {
            "name": MODEL_NAME,
            "versions": [version],
            "platform": "scikit-learn",
            "inputs": [{"name": "input-0", "datatype": "FP64", "shape": [-1, n_features]}],
            "outputs": [{"name": name, **_KINDS[name], "shape": [-1, *_WIDTH[name]]} for name in OUTPUTS],
        }
    )


def ready() -> bytes:
    """Return that the model is ready; without it the server would not have started."""
    return encode({"name": MODEL_NAME, "ready": True})


def index(version: str) -> Callable[[bytes], bytes]:
    """Return what answers which models there are; it raises MalformedJson or InvalidInstances."""
    content = encode([{"name": MODEL_NAME, "version": version, "state": "READY", "reason": ""}])

    def models(body: bytes) -> bytes:
        if body:  # {"ready": whether to list only models that are}
            read_object(body, "{}")
        return content

    return models


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in this protocol's shape."""
    return encode({"error": message})
