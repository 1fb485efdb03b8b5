"""The Open Inference Protocol, version 2, as KServe, Triton, MLServer and OpenVINO Model Server speak it.

A request is JSON, or JSON and then the bytes of tensors, where the header Inference-Header-Content-Length says how long
the JSON is. A reply has the form that the request asks for.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from iris_serving.columns import is_feature, order_of
from iris_serving.endpoint import JSON, Answer, Doc, Headers
from iris_serving.errors import InvalidInstances, Loc, MalformedJson
from iris_serving.json_body import check_size, shown
from iris_serving.many_rows import read_flat, read_list
from iris_serving.negotiation import check_accept
from iris_serving.schema import CLASS_NAMES, DOMAIN_LIMIT, EXAMPLE_ROW, FEATURES, MODEL_NAME, Predictor
from iris_serving.schemas import PARAMETERS, ROWS
from iris_serving.settings import Settings
from iris_serving.tensors import as_doubles, check_n_rows

OCTETS = b"application/octet-stream"
LENGTH_HEADER = b"inference-header-content-length"
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
_TYPES = {f"FP{8 * size}": f"<f{size}" for size in (2, 4, 8)}
_TYPES |= {f"{sign}INT{8 * size}": f"<{kind}{size}" for sign, kind in (("", "i"), ("U", "u")) for size in (1, 2, 4, 8)}
_NAMES = ", ".join(feature.name for feature in FEATURES)
encode = msgspec.json.Encoder().encode


class _Input(msgspec.Struct):
    name: str
    shape: list[int]
    datatype: str
    data: msgspec.Raw = msgspec.Raw()
    parameters: dict[str, Any] | None = None


class _Output(msgspec.Struct):
    name: str
    parameters: dict[str, Any] | None = None


class _Request(msgspec.Struct):
    inputs: Annotated[list[_Input], msgspec.Meta(min_length=1, max_length=1000)]
    id: str | None = None
    outputs: Annotated[list[_Output], msgspec.Meta(max_length=1000)] | None = None
    parameters: dict[str, Any] | None = None


_FEW_ROWS = 10  # up to so many, the model answers one by one
_FEW_BYTES = 500  # of numbers; up to there msgspec is as fast
_Float = Annotated[float, msgspec.Meta(gt=-DOMAIN_LIMIT, lt=DOMAIN_LIMIT)]
_decode_request = msgspec.json.Decoder(_Request).decode
_decode_floats = msgspec.json.Decoder(list[_Float]).decode
_decode_float_rows = msgspec.json.Decoder(list[list[_Float]]).decode
_decode_integers = msgspec.json.Decoder(list[int]).decode
_decode_integer_rows = msgspec.json.Decoder(list[list[int]]).decode


def inference(model: Predictor, settings: Settings) -> Callable[[Headers, bytes], Answer]:
    """Return what answers …/infer.

    It raises MalformedJson, InvalidInstances, TooManyRows, BodyTooLarge or NotAcceptable.
    """

    def infer(headers: Headers, body: bytes) -> Answer:
        head, tensors = _split(headers, body)
        check_size(head, settings)
        request = _parse(head)
        outputs = _wanted(request)
        rows = _rows(request.inputs, tensors, settings)
        found = _predict(model, rows, [name for name, _ in outputs])
        answer = _encode(model.version, request.id, outputs, found)
        check_accept(headers.get(b"accept", b"*/*"), answer.media_type)
        return answer

    return infer


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


def _rows(inputs: Sequence[_Input], tensors: memoryview, settings: Settings) -> Any:
    """Return the rows of one tensor, or of a column for each feature: lists if they are few, or an array."""
    arrays, start = [], 0
    for tensor in inputs:
        n_values = _n_values(tensor, len(inputs) > 1, settings)
        n_bytes = _n_bytes(tensor)
        if n_bytes is None:
            arrays.append(_from_json(tensor, n_values))
        else:
            arrays.append(_from_bytes(tensor, n_values, tensors[start : start + n_bytes]))
            start += n_bytes
    if start != len(tensors):
        raise InvalidInstances(f"The inputs account for {start:,} bytes of tensors; the body has {len(tensors):,}.")
    if _is_matrix(inputs):
        return arrays[0]
    lengths = {tensor.shape[0] for tensor in inputs}
    order = order_of([tensor.name for tensor in inputs], ("inputs",))
    if len(lengths) > 1:
        raise InvalidInstances(f"The columns must be equally long; their shapes begin with {sorted(lengths)[:5]}.")
    return np.column_stack([np.asarray(arrays[column], np.float64).ravel() for column in order])


def _is_matrix(inputs: Sequence[_Input]) -> bool:
    return len(inputs) == 1 and not is_feature(inputs[0].name)


def _n_values(tensor: _Input, is_column: bool, settings: Settings) -> int:
    """Return how many values a tensor has, by its shape."""
    n_columns = 1 if is_column or is_feature(tensor.name) else len(FEATURES)
    if tensor.datatype not in _TYPES:
        raise InvalidInstances(f'The datatype "{shown(tensor.datatype)}" is not a number\'s; use {", ".join(_TYPES)}.')
    if tensor.shape[1:] != [n_columns] and not (n_columns == 1 and len(tensor.shape) == 1):
        wanted = "[n] or [n, 1]" if n_columns == 1 else f"[n, {n_columns}], or a column for each of {_NAMES}"
        there = [size if abs(size) < 10**9 else "…" for size in tensor.shape[:5]]
        raise InvalidInstances(f'The input "{shown(tensor.name)}" has the shape {there}; it must be {wanted}.')
    check_n_rows(tensor.shape[0], settings.max_rows if tensor.data else settings.max_tensor_rows)
    return prod(tensor.shape)


def _n_bytes(tensor: _Input) -> int | None:
    """Return how many bytes a tensor has in the body, or None if it is JSON."""
    n_bytes = (tensor.parameters or {}).get("binary_data_size")
    if n_bytes is None:
        if not tensor.data:
            raise InvalidInstances(f'The input "{shown(tensor.name)}" has neither data nor binary_data_size.')
        return None
    if tensor.data:
        raise InvalidInstances(
            f'The input "{shown(tensor.name)}" has both data and binary_data_size; send one of them.'
        )
    if type(n_bytes) is not int or n_bytes < 0:
        raise InvalidInstances('"binary_data_size" must be a number of bytes.')
    return n_bytes


def _from_bytes(tensor: _Input, n_values: int, content: memoryview) -> NDArray[np.float64]:
    dtype = np.dtype(_TYPES[tensor.datatype])
    n_bytes = _n_bytes(tensor)
    if n_bytes != n_values * dtype.itemsize or n_bytes != len(content):
        raise InvalidInstances(
            f'The input "{shown(tensor.name)}" needs {n_values * dtype.itemsize:,} bytes by its shape and datatype; '
            "binary_data_size or what is left of the body is another number."
        )
    return as_doubles(np.frombuffer(content, dtype), f'Input "{shown(tensor.name)}"').reshape(tensor.shape)


def _from_json(tensor: _Input, n_values: int) -> Any:
    """Return the values of a JSON tensor: nested as its shape is, or flat."""
    is_float, n_rows = tensor.datatype[0] == "F", tensor.shape[0]
    flat, nested = (_decode_floats, _decode_float_rows) if is_float else (_decode_integers, _decode_integer_rows)
    width, raw = n_values // n_rows, bytes(tensor.data)
    if is_float and width == len(FEATURES) and len(raw) > _FEW_BYTES:
        array = read_list(raw, n_rows)
        array = read_flat(raw, n_rows) if array is None else array
        if array is not None and len(array) == n_rows:
            return array
    try:
        rows: Any = nested(raw) if raw[1:].lstrip()[:1] == b"[" else _folded(flat(raw), width)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        kind = f"{tensor.datatype} data are lists of {'finite numbers' if is_float else 'whole numbers'}"
        raise InvalidInstances(f'Input "{shown(tensor.name)}": {kind}; {str(error)[:160]}.') from None
    if len(rows) != n_rows or not all(len(row) == width for row in rows):
        raise InvalidInstances(
            f'The data of the input "{shown(tensor.name)}" do not fill its shape {tensor.shape}; send {n_values:,} '
            "values, flat or nested as the shape says."
        )
    if is_float:
        return rows if n_rows <= _FEW_ROWS else np.array(rows)
    return _as_integers(rows, tensor)


def _folded(flat: list[Any], width: int) -> list[list[Any]]:
    return [flat[start : start + width] for start in range(0, len(flat), width)]


def _as_integers(rows: list[list[int]], tensor: _Input) -> NDArray[np.float64]:
    try:
        array = np.array(rows, np.dtype(_TYPES[tensor.datatype]))
    except (OverflowError, ValueError):
        raise InvalidInstances(
            f'Input "{shown(tensor.name)}" has a number that {tensor.datatype} cannot hold.'
        ) from None
    return as_doubles(array, f'Input "{shown(tensor.name)}"')


def _predict(model: Predictor, rows: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return the outputs asked for; from arrays as arrays, from lists as lists."""
    if isinstance(rows, list) and "predict_proba" not in names:
        return {"predict": model.predict(rows)["predictions"]}
    if isinstance(rows, list):
        answer = model.predict_proba(rows)
        return {"predict": answer["predictions"], "predict_proba": answer["probabilities"]}
    if "predict_proba" not in names:
        return {"predict": model.predict_array(rows)}
    probabilities = model.predict_proba_array(rows)
    return {"predict": probabilities.argmax(axis=1), "predict_proba": probabilities}


def _encode(version: str, request_id: str | None, outputs: Sequence[tuple[str, bool]], found: Any) -> Answer:
    described, tensors = [], []
    for name, is_binary in outputs:
        values = found[name]
        output: dict[str, Any] = {"name": name, **_KINDS[name], "shape": [len(values), *_WIDTH[name]]}
        if is_binary:
            tensors.append(np.ascontiguousarray(values, _TYPES[_KINDS[name]["datatype"]]).tobytes())
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


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in this protocol's shape."""
    return encode({"error": message})
