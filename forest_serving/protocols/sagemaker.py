"""SageMaker's containers: CSV, JSON, JSON lines or npy at /invocations, answered in the form that Accept asks for."""

import csv
import re
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from itertools import starmap

import msgspec

from forest_serving.errors import MalformedJson
from forest_serving.protocols.endpoint import (
    JSON,
    JSON_KINDS,
    Doc,
    Headers,
    Intake,
    Protocol,
    Reply,
    base_of,
    encode,
    page,
)
from forest_serving.protocols.negotiation import best_of
from forest_serving.protocols.predictor import Answers, Context, Question, predicting
from forest_serving.protocols.schemas import INSTANCES
from forest_serving.rows.csv_rows import csv_line
from forest_serving.rows.npy import write_npy
from forest_serving.rows.numbers import Rows
from forest_serving.rows.reader import RowReader
from forest_serving.rows.tensors import max_tensor_bytes
from forest_serving.settings import REPLY_TYPES, Settings

NAME = "SageMaker"
CSV, LINES, NPY = b"text/csv", b"application/jsonlines", b"application/x-npy"
_SENTENCE = f"Send Content-Type: {', '.join(REPLY_TYPES)}."


class _Vector(msgspec.Struct, forbid_unknown_fields=True):
    features: list[float]  # of a model that knows only numbers


_decode_vectors = msgspec.json.Decoder(_Vector).decode_lines
_decode_lines = msgspec.json.Decoder(msgspec.Raw).decode_lines
_ONE_ROW = re.compile(rb"\s*\[\s*[^]\[{\s]").match  # and no list of rows


def protocol(context: Context) -> Protocol:
    """Return a SageMaker container's paths."""
    settings, reader = context.settings, _BodyReader(context.rows)
    readers = {CSV: context.rows.csv.read, LINES: reader.read_lines, NPY: context.rows.read_npy}
    offered = [kind.encode() for kind in REPLY_TYPES]
    default = settings.sagemaker_accept.encode() or JSON

    def decode(headers: Headers, body: bytes) -> Question:
        media_type = best_of(headers.get(b"accept", b""), offered, default)
        read = readers.get(base_of(headers.get(b"content-type", b"")), reader.read_json)
        return Question(read(body), _ENCODERS[media_type])

    example = {"application/json": context.example, "text/csv": csv_line(context.card.example)}
    doc = Doc(
        "Answer to each row, as SageMaker's clients ask for it: a list, CSV without names, application/jsonlines or "
        "application/x-npy",
        example,
        INSTANCES,
        other_replies=("text/csv", "application/jsonlines", "application/x-npy"),
    )
    max_bytes = max_tensor_bytes(settings, 8 * len(context.card.features))
    intake = Intake(max_bytes, JSON_KINDS | {CSV, LINES, NPY}, _SENTENCE, "FOREST_MAX_TENSOR_ROWS")
    table = {
        "GET /ping": page(b"", "200 while the server is ready", "ready"),
        "GET /execution-parameters": page(_execution_parameters(settings), "What a batch transform may do"),
        "POST /invocations": predicting(context.model, decode, intake, doc, heeds_accept=True),
    }
    return Protocol(NAME, table)


class _BodyReader:
    """Reads JSON and JSON lines; it raises MalformedJson, InvalidInstances, TooManyRows or BodyTooLarge."""

    def __init__(self, rows: RowReader) -> None:
        self.rows = rows

    def read_json(self, body: bytes) -> Rows:
        self.rows.size_limit.check(body)
        if not _ONE_ROW(body):
            return self.rows.json.read(body, "")
        if self.rows.columns.are_numbers and body.count(b"]") == 1:
            return self.rows.json.read(b"[" + body + b"]", "")
        return self.rows.json.read_one(body)

    def read_lines(self, body: bytes) -> Rows:
        """Return a row for each line: {"features": values}, {name: value}, or values."""
        self.rows.size_limit.check(body)
        vectors = _vectors_in(body) if self.rows.columns.stand_as_sent else None
        if vectors is not None:
            return self.rows.json.checked(vectors, "")
        try:
            lines = _decode_lines(body)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise MalformedJson(f"Each line must be one JSON value: {str(error)[:100]}.") from None
        return self.rows.json.read(b"[" + b",".join(map(bytes, lines)) + b"]", "")


def _vectors_in(body: bytes) -> list[list[float]] | None:
    """Return the rows of {"features": numbers} lines, or None if there are others."""
    with suppress(msgspec.MsgspecError, ValueError, RecursionError):
        return [line.features for line in _decode_vectors(body)]
    return None


def _csv_lines(answers: Answers) -> bytes:
    """Return a line for each row; text with commas or quotes is quoted."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows((label,) for label in answers.predictions())
    return text.getvalue().encode()


_WRITERS: dict[bytes, Callable[[Answers], bytes]] = {
    JSON: lambda answers: encode(answers.predictions()),
    LINES: lambda answers: b"".join(encode(label) + b"\n" for label in answers.predictions()),
    CSV: _csv_lines,
    NPY: lambda answers: write_npy(answers.prediction_array()),
}


def _encoder(media_type: bytes, write: Callable[[Answers], bytes]) -> Callable[[Answers], Reply]:
    return lambda answers: Reply(write(answers), media_type)


_ENCODERS = dict(zip(_WRITERS, starmap(_encoder, _WRITERS.items()), strict=True))


def _execution_parameters(settings: Settings) -> bytes:
    """Return what a batch transform may do: as many requests as keep one worker busy, as large as bodies may be."""
    n_mib = max(1, settings.max_body_bytes >> 20)
    return encode({"MaxConcurrentTransforms": 4, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": n_mib})
