"""What lives below /v1/models: KServe V1 and TensorFlow Serving's REST API, which share their paths and words.

Where they differ, a reply has the keys of both.
"""

import re
from contextlib import suppress
from typing import Any, Literal

import msgspec

from forest_serving.card import Card
from forest_serving.errors import InvalidInstances, Loc
from forest_serving.protocols.endpoint import Doc, Headers, Protocol, Reply, encode, page
from forest_serving.protocols.labels import kind_of
from forest_serving.protocols.predicting import predicting
from forest_serving.protocols.predictor import Answers, Context, Question, Writing
from forest_serving.protocols.replies import PART_ROWS, parts_of, predictions_inside, predictions_reply
from forest_serving.protocols.schemas import INSTANCES, PARAMETERS, any_of
from forest_serving.rows.json_body import (
    PARAMETERS_TYPE,
    check_parameters,
    only_one_of,
    read_fields,
    read_value,
    text_of,
)
from forest_serving.rows.json_schema import object_schema
from forest_serving.rows.numbers import Rows
from forest_serving.turns import at_once

NAME = "KServe V1 and TensorFlow Serving"
SIGNATURE = "serving_default"
_INPUT = "instances"  # what the signature calls the one input of numbers
_SIGNATURES = (None, "", SIGNATURE)
_FIELDS = {"instances", "inputs", "signature_name", "parameters", "params"}
_TYPES: dict[str, Any] = {name: PARAMETERS_TYPE for name in ("parameters", "params")}
_TYPES["signature_name"] = Literal["", "serving_default"] | None
_OPTIONAL = {"signature_name": {"enum": [SIGNATURE, "", None]}, "parameters": PARAMETERS, "params": PARAMETERS}
_TENSORFLOW_TYPES = {"INT64": "DT_INT64", "FP64": "DT_DOUBLE", "BOOL": "DT_BOOL", "BYTES": "DT_STRING"}
_IS_NAMED = re.compile(rb'\s*\[?\s*\{\s*"instances"\s*:').match
_decode_named = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode


def protocol(context: Context) -> Protocol:
    """Return the paths below /v1/models."""
    card, version = context.card, context.model.version
    example = {"instances": context.example}
    schema = any_of(*(object_schema({field: INSTANCES}, _OPTIONAL) for field in ("instances", "inputs")))
    doc = Doc(
        "Answer to each row, as KServe V1 and TensorFlow Serving ask for it", {"application/json": example}, schema
    )
    example_text, read_few = text_of(example), context.rows.few.field_reader("instances", **_TYPES)

    def decode(headers: Headers, body: bytes) -> Question:
        rows = read_few(body)
        return examined(body) if rows is None else Question(rows, predictions_reply)

    def examined(body: bytes) -> Question:
        context.rows.size_limit.check(body)
        request = read_fields(body, example_text, _FIELDS)
        check_parameters(request, "parameters", "params")
        if read_value(request.get("signature_name", b"null"), example_text) not in _SIGNATURES:
            raise InvalidInstances(f'The one signature is "{SIGNATURE}".', ("signature_name",))
        field = only_one_of(request, ("instances", "inputs"))
        encode_answers = _encode_both if field == "inputs" else predictions_reply
        return Question(read_rows(request[field], field), encode_answers)

    def read_rows(content: bytes, field: str) -> Rows:
        is_named = _IS_NAMED(content) and _INPUT not in context.rows.columns
        return context.rows.json.read((is_named and _input_in(content)) or content, field)

    predict = predicting(context, decode, context.json_intake, doc)
    state = page(_status(card, version), "The model's state, while the server is ready", "ready")
    about = page(_metadata(card, version), "The signature")
    model, of_version = f"/v1/models/{card.name}", f"/v1/models/{card.name}/versions/{version}"
    table = {
        "GET /": page(encode({"status": "alive"}), "200 while the process runs", "open"),
        "GET /v1/models": page(encode({"models": [card.name]}), "The models' names"),
        f"GET {model}": state,
        f"GET {of_version}": state,
        f"GET {model}/metadata": about,
        f"GET {of_version}/metadata": about,
        f"POST {model}:predict": predict,
        f"POST {of_version}:predict": predict,
    }
    return Protocol(NAME, table, {"/v1/models": refuse})


def _encode_both(answers: Answers) -> Reply | Writing:
    """KServe says "predictions" in any case, TensorFlow Serving "outputs" where it got "inputs"."""
    writing = _write_both(answers)
    return writing if len(answers) > PART_ROWS else at_once(writing)


def _write_both(answers: Answers) -> Writing:
    parts = yield from parts_of(answers, predictions_inside)
    return Reply(b"".join([b'{"predictions":[', *parts, b'],"outputs":[', *parts, b"]}"]))


def _input_in(content: bytes) -> bytes | None:
    """Return the rows in {"instances": rows} or [{"instances": row}, …], as TensorFlow Serving names the input.

    None if there is anything else.
    """
    with suppress(msgspec.MsgspecError, ValueError, RecursionError):
        is_list = content.lstrip()[:1] == b"["
        inputs = _decode_named(content if is_list else b"[" + content + b"]")
        if all(each.keys() == {_INPUT} for each in inputs):
            values = [bytes(each[_INPUT]) for each in inputs]
            return b"[" + b",".join(values) + b"]" if is_list else values[0]
    return None


def _status(card: Card, version: str) -> bytes:
    """Return KServe's state of the model, and TensorFlow Serving's."""
    state = {"version": version, "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    return encode({"name": card.name, "ready": True, "model_version_status": [state]})


def _metadata(card: Card, version: str) -> bytes:
    """Return TensorFlow Serving's metadata."""
    signature = {
        "inputs": _inputs(card),
        "outputs": {"predictions": _tensor(_TENSORFLOW_TYPES[kind_of(card.labels)], -1)},
        "method_name": "tensorflow/serving/predict",
    }
    return encode(
        {
            "model_spec": {"name": card.name, "signature_name": "", "version": version},
            "metadata": {"signature_def": {"signature_def": {SIGNATURE: signature}}},
        }
    )


def _inputs(card: Card) -> dict[str, Any]:
    """Return the signature's inputs: one of numbers, or where there are categories one for each column."""
    if not any(feature.categories for feature in card.features):
        return {_INPUT: _tensor("DT_DOUBLE", -1, len(card.features))}
    kinds = {f.name: kind_of(f.categories) if f.categories else "FP64" for f in card.features}
    return {name: _tensor(_TENSORFLOW_TYPES[kind], -1) for name, kind in kinds.items()}


def _tensor(dtype: str, *shape: int) -> dict[str, Any]:
    dim = [{"size": str(size), "name": ""} for size in shape]
    return {"dtype": dtype, "tensor_shape": {"dim": dim, "unknown_rank": False}, "name": ""}


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in both protocols' shape."""
    return encode({"error": message})
