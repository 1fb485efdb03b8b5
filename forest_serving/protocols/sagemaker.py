"""SageMaker's containers: CSV, JSON, JSON lines or npy at /invocations, answered in the form that Accept asks for."""

import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import msgspec
import numpy as np

from forest_serving.errors import MalformedJson
from forest_serving.protocols.endpoint import JSON, Answer, Headers, base_of
from forest_serving.protocols.negotiation import best_of
from forest_serving.rows.columns import checked, rows_of
from forest_serving.rows.csv_rows import read_csv
from forest_serving.rows.json_body import check_size
from forest_serving.rows.npy import read_npy, write_npy
from forest_serving.schema import Predictor
from forest_serving.settings import REPLY_TYPES, Settings

CSV, LINES, NPY = b"text/csv", b"application/jsonlines", b"application/x-npy"
KINDS = frozenset({CSV, LINES, NPY})
INTAKE = f"Send Content-Type: {', '.join(REPLY_TYPES)}."


class _Vector(msgspec.Struct, forbid_unknown_fields=True):
    features: list[float]


_decode_vectors = msgspec.json.Decoder(_Vector).decode_lines
_decode_lines = msgspec.json.Decoder(msgspec.Raw).decode_lines
_ONE_ROW = re.compile(rb"\s*\[\s*[-0-9]").match
encode = msgspec.json.Encoder().encode


def invocation(model: Predictor, settings: Settings) -> Callable[[Headers, bytes], Coroutine[Any, Any, Answer]]:
    """Return what answers a body by its Content-Type.

    It raises MalformedJson, InvalidInstances, TooManyRows, BodyTooLarge or NotAcceptable.
    """
    readers: dict[bytes, Callable[[bytes], Any]] = {
        CSV: lambda body: read_csv(body, settings),
        LINES: lambda body: _read_lines(body, settings),
        NPY: lambda body: read_npy(body, settings),
    }
    offered = [kind.encode() for kind in REPLY_TYPES]
    json: Callable[[bytes], Any] = lambda body: _read_json(body, settings)  # noqa: E731 - beside its siblings
    default = settings.sagemaker_accept.encode() or JSON

    async def invoke(headers: Headers, body: bytes) -> Answer:
        media_type = best_of(headers.get(b"accept", b""), offered, default)
        read = readers.get(base_of(headers.get(b"content-type", b"")), json)
        return Answer(media_type, _WRITERS[media_type](await _labels(model, read(body))))

    return invoke


async def _labels(model: Predictor, rows: Any) -> Any:
    if isinstance(rows, np.ndarray):
        return await model.predict_array(rows)
    return np.array(model.predict(rows)["predictions"])


def _read_json(body: bytes, settings: Settings) -> Any:
    check_size(body, settings)
    if _ONE_ROW(body) and body.count(b"]") == 1:
        body = b"[" + body + b"]"
    return rows_of(body, "", settings)


def _read_lines(body: bytes, settings: Settings) -> Any:
    """Return a row for each line: {"features": numbers}, {name: number}, or numbers."""
    with suppress(msgspec.MsgspecError, ValueError, RecursionError):
        check_size(body, settings)
        return checked([line.features for line in _decode_vectors(body)], "", settings)
    try:
        lines = _decode_lines(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedJson(f"Each line must be one JSON value: {str(error)[:100]}.") from None
    return rows_of(b"[" + b",".join(map(bytes, lines)) + b"]", "", settings)


_WRITERS: dict[bytes, Callable[[Any], bytes]] = {
    JSON: lambda labels: encode(labels.tolist()),
    LINES: lambda labels: b"".join(b"%d\n" % label for label in labels.tolist()),
    CSV: lambda labels: b"".join(b"%d\n" % label for label in labels.tolist()),
    NPY: write_npy,
}


def parameters(settings: Settings) -> bytes:
    """Return what a batch transform may do: as many requests as keep one worker busy, as large as bodies may be."""
    n_mib = max(1, settings.max_body_bytes >> 20)
    return encode({"MaxConcurrentTransforms": 4, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": n_mib})
