"""SageMaker's containers: CSV, JSON, JSON lines or npy at /invocations, answered in the form that Accept asks for."""

import re
from collections.abc import Mapping
from functools import partial

from forest_serving.protocols.endpoint import (
    JSON,
    JSON_KINDS,
    Doc,
    Headers,
    Protocol,
    encode,
    kind_of,
    page,
)
from forest_serving.protocols.predicting import predicting
from forest_serving.protocols.predictor import Context, Question, Understanding, understood
from forest_serving.protocols.replies import list_reply
from forest_serving.protocols.reply_forms import CSV, LINES, NPY, OTHER_REPLIES, Forms
from forest_serving.protocols.schemas import INSTANCES
from forest_serving.rows.csv_rows import csv_line
from forest_serving.rows.few_rows import ReadFew
from forest_serving.rows.numbers import Rows
from forest_serving.rows.pieces import Reading
from forest_serving.rows.reader import RowReader
from forest_serving.settings import REPLY_TYPES, Settings

NAME = "SageMaker"
_TRANSFORMS = 4
_MOST_BYTES = 25 << 20  # which SageMaker lets a request have
_SENTENCE = f"Send Content-Type: {', '.join(REPLY_TYPES)}."
_ONE_ROW = re.compile(rb"\s*\[\s*[^]\[{\s]").match  # and no list of rows


def protocol(context: Context) -> Protocol:
    """Return a SageMaker container's paths."""
    settings, reader = context.settings, context.rows
    few: Mapping[bytes | None, ReadFew] = {
        CSV: reader.csv.read_few,
        **dict.fromkeys(JSON_KINDS, partial(_few_in_json, reader)),
    }
    readings = {CSV: reader.csv.reading, LINES: reader.json_pieces.lines}
    forms = Forms(list_reply, settings.sagemaker_accept.encode() or JSON)

    def decode(headers: Headers, body: bytes) -> Question | Understanding:
        kind = kind_of(headers)
        if kind in few and (rows := few[kind](body)) is not None:
            return Question(rows, forms.asked_for(headers))
        return examined(headers, kind, body)

    def examined(headers: Headers, kind: bytes, body: bytes) -> Question | Understanding:
        def question(rows: Rows) -> Question:
            return Question(rows, forms.asked_for(headers))

        if kind == NPY:
            return question(reader.read_npy(body))
        return understood(body, readings[kind](body) if kind in readings else _json(reader, body), question)

    example = {"application/json": context.example, "text/csv": csv_line(context.card.example)}
    doc = Doc(
        "Answer to each row, as SageMaker's clients ask for it: a list, CSV without names, application/jsonlines or "
        "application/x-npy",
        example,
        INSTANCES,
        other_replies=OTHER_REPLIES,
    )
    intake = context.tensor_intake(8 * len(context.card.features), JSON_KINDS | {CSV, LINES, NPY}, _SENTENCE)
    table = {
        "GET /ping": page(b"", "200 while the server is ready", "ready"),
        "GET /execution-parameters": page(_execution_parameters(settings), "What a batch transform may do"),
        "POST /invocations": predicting(context, decode, intake, doc, heeds_accept=True),
    }
    return Protocol(NAME, table)


def _few_in_json(reader: RowReader, body: bytes) -> Rows | None:
    """Read a short list of rows, or one row, if it is surely good."""
    return reader.few.read_list(b"[%b]" % body if body.count(b"]") == 1 else body)


def _json(reader: RowReader, body: bytes) -> Reading:
    """Read a list of rows, or one row."""
    if not _ONE_ROW(body):
        return (yield from reader.json_pieces.list_of_rows(body))
    reader.size_limit.check(body)
    if reader.columns.are_numbers and body.count(b"]") == 1:
        return reader.json.read(b"[" + body + b"]", "")
    return reader.json.read_one(body)


def _execution_parameters(settings: Settings) -> bytes:
    """Return what a batch transform may do: as many requests as keep one worker busy, as large as bodies may be.

    Rows are read piece by piece, so whatever fits is answered. All requests fit the buffers together, twice: as they
    arrive in parts, and as they wait for their turn. Less than 1 MiB cannot be said; then one row a request is sure to
    fit.
    """
    share = settings.max_buffered_bytes // (2 * _TRANSFORMS)
    n_mib = min(settings.max_body_bytes, share, _MOST_BYTES) >> 20
    strategy = "MULTI_RECORD" if n_mib else "SINGLE_RECORD"
    return encode({"MaxConcurrentTransforms": _TRANSFORMS, "BatchStrategy": strategy, "MaxPayloadInMB": n_mib or 1})
