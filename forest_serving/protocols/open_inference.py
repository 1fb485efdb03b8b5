"""The Open Inference Protocol, version 2, as KServe, Triton, MLServer and OpenVINO Model Server speak it.

A request is JSON, or JSON and then the bytes of tensors, where the header Inference-Header-Content-Length says how long
the JSON is. A reply has the form that the request asks for.
"""

from collections.abc import Sequence
from itertools import permutations
from typing import Annotated, Any

import msgspec

from forest_serving.errors import InvalidInstances, Loc, MalformedJson
from forest_serving.protocols.by_id import checked
from forest_serving.protocols.endpoint import (
    JSON,
    JSON_KINDS,
    Doc,
    Endpoint,
    Headers,
    Protocol,
    Reply,
    Table,
    encode,
    page,
)
from forest_serving.protocols.explained_tensors import ExplanationEncoder
from forest_serving.protocols.negotiation import check_accept
from forest_serving.protocols.output_tensors import LENGTH_HEADER, OCTETS, OutputEncoder
from forest_serving.protocols.plain_tensors import PlainRequests
from forest_serving.protocols.predicting import predicting
from forest_serving.protocols.predictor import Context, Question, Sought
from forest_serving.protocols.schemas import PARAMETERS, ROWS
from forest_serving.protocols.wanted_outputs import Outputs, Wish
from forest_serving.rows.columns import Columns
from forest_serving.rows.json_body import check_utf8, read_object, text_of
from forest_serving.rows.json_schema import Schema
from forest_serving.rows.numbers import Rows
from forest_serving.rows.tensor_descriptions import example_of, metadata_of, schema_of
from forest_serving.rows.tensor_values import Input

NAME = "Open Inference Protocol"
# KServe's transformer sends two with a binary tensor; both allow what the length's header says.
_BOTH = {comma.join(kinds) for comma in (b",", b", ") for kinds in permutations((JSON, OCTETS))}
_SENTENCE = (
    "The body must be JSON, or JSON and tensors; send Content-Type: application/json or application/octet-stream."
)


class _Request(msgspec.Struct):
    inputs: Annotated[list[Input], msgspec.Meta(min_length=1, max_length=1000)]
    id: str | None = None
    outputs: Outputs = None
    parameters: dict[str, Any] | None = None


Encoder = OutputEncoder | ExplanationEncoder

_decode_request = msgspec.json.Decoder(_Request).decode


def protocol(context: Context) -> Protocol:
    """Return the protocol's paths: those of the model and, where there are explanations, of a model that gives them."""
    server = page(_server(context.software_version), "The server's name, version and extensions")
    encoders: list[Encoder] = [OutputEncoder(context.card, context.model.version)]
    if context.explainer:
        encoders.append(ExplanationEncoder(context, context.explainer))
    table = {
        "GET /v2": server,
        "GET /v2/": server,
        "GET /v2/health/live": page(b'{"live": true}', "200 while the process runs", "open"),
        "GET /v2/health/ready": page(b'{"ready": true}', "200 while the server is ready", "ready"),
        "POST /v2/repository/index": _index(context, encoders),
    }
    for encoder in encoders:
        table |= _of_model(context, encoder)
    return Protocol(NAME, table, {"/v2": refuse})


def _of_model(context: Context, encoder: Encoder) -> Table:
    """Return the paths of a model, with and without its version."""
    model, infer = f"/v2/models/{encoder.name}", _infer(context, encoder)
    about = page(_metadata(context, encoder), "The model's versions, inputs and outputs")
    ready = page(encode({"name": encoder.name, "ready": True}), "Whether the model is ready", "ready")
    return {
        f"{method} {start}{path}": endpoint
        for method, path, endpoint in (("GET", "", about), ("GET", "/ready", ready), ("POST", "/infer", infer))
        for start in (model, f"{model}/versions/{context.model.version}")
    }


def _infer(context: Context, encoder: Encoder) -> Endpoint:
    columns = context.rows.columns
    example = {"id": "1", "inputs": example_of(columns, context.card.example)}
    example_text = text_of(example)
    read_plain = PlainRequests(context.rows, encoder.wish).read

    def decode(headers: Headers, body: bytes) -> Question | Sought:
        plain = None if LENGTH_HEADER in headers else read_plain(body)
        if plain:
            return asked(headers, *plain)
        head, tensors = _split(headers, body)
        context.rows.size_limit.check(head)
        request = _parse(head, example_text)
        wish = encoder.wish(request.outputs, request.parameters)
        ids = context.rows.tensors.read_ids(request.inputs, tensors)
        if ids is not None:
            ids = checked(ids, context.settings.max_rows)
            return Sought(ids, lambda rows: asked(headers, rows, request.id, wish))
        return asked(headers, context.rows.tensors.read(request.inputs, tensors), request.id, wish)

    def json_in(headers: Headers, body: bytes) -> bytes:
        return _split(headers, body)[0]

    def asked(headers: Headers, rows: Rows, request_id: str | None, wish: Wish) -> Question:
        if (accept := headers.get(b"accept", b"*/*")) != b"*/*":
            check_accept(accept, OCTETS if wish.has_bytes else JSON)
        return encoder.ask(rows, request_id, wish)

    intake = context.tensor_intake(columns.n_bytes, JSON_KINDS | {OCTETS} | _BOTH, _SENTENCE)
    doc = Doc(
        f"{encoder.about} for a tensor of rows, or a column for each feature; shown for one row",
        {"application/json": example},
        _schema(columns, encoder.outputs),
        other_replies=("application/octet-stream",),
        shows_reply=encoder.is_quick,
    )
    return encoder.prepared(predicting(context, decode, intake, doc, json_in, heeds_accept=True))


def _schema(columns: Columns, outputs: Sequence[str]) -> Schema:
    return {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": ["string", "null"]},
            "inputs": schema_of(columns, ROWS, PARAMETERS),
            "outputs": {"enum": [None, [], *([{"name": name}] for name in outputs), [{"name": n} for n in outputs]]},
            "parameters": PARAMETERS,
        },
    }


def _split(headers: Headers, body: bytes) -> tuple[bytes, memoryview]:
    """Return the JSON and the bytes of tensors."""
    length = headers.get(LENGTH_HEADER)
    if length is None:
        return body, memoryview(b"")
    if not length.isdigit() or len(length) > 15 or not 0 < int(length) <= len(body):
        raise InvalidInstances(
            f"Inference-Header-Content-Length must be the number of bytes of JSON; the body has {len(body):,}."
        )
    return body[: int(length)], memoryview(body)[int(length) :]


def _parse(head: bytes, example: str) -> _Request:
    if not head:
        raise MalformedJson(f"The body is empty; send {example}.")
    check_utf8(head)
    try:
        return _decode_request(head)
    except msgspec.ValidationError as error:
        raise InvalidInstances(f"The request does not follow the protocol: {str(error)[:200]}.") from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise MalformedJson(f"The request cannot be read as JSON: {str(error)[:200]}.") from None


def _server(version: str) -> bytes:
    return encode({"name": "forest-serving", "version": version, "extensions": ["binary_tensor_data"]})


def _metadata(context: Context, encoder: Encoder) -> bytes:
    return encode(
        {
            "name": encoder.name,
            "versions": [context.model.version],
            "platform": "scikit-learn",
            "inputs": metadata_of(context.rows.columns),
            "outputs": encoder.described(),
        }
    )


def _index(context: Context, encoders: Sequence[Encoder]) -> Endpoint:
    """Return what answers which models there are; it raises MalformedJson or InvalidInstances."""
    state = {"version": context.model.version, "state": "READY", "reason": ""}
    content = encode([{"name": encoder.name} | state for encoder in encoders])

    def respond(headers: Headers, body: bytes) -> Reply:
        if body:  # {"ready": whether to list only models that are}
            read_object(body, "{}")
        return Reply(content)

    doc = Doc("Which models there are", {"application/json": {"ready": True}}, {"type": "object"}, needs_body=False)
    return Endpoint(respond, intake=context.json_intake, doc=doc)


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in this protocol's shape."""
    return encode({"error": message})
