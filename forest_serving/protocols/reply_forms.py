"""The forms in which /invocations answers: JSON, JSON lines, CSV or npy, as Accept asks for it."""

import csv
from collections.abc import Callable, Mapping
from io import StringIO

import msgspec

from forest_serving.card import Label
from forest_serving.protocols.endpoint import JSON, Headers, Reply, encode
from forest_serving.protocols.negotiation import best_of
from forest_serving.protocols.predictor import Answers
from forest_serving.rows.npy import write_npy
from forest_serving.settings import REPLY_TYPES

CSV, LINES, NPY = b"text/csv", b"application/jsonlines", b"application/x-npy"
OTHER_REPLIES = (CSV.decode(), LINES.decode(), NPY.decode())
_OFFERED = [kind.encode() for kind in REPLY_TYPES]

Encode = Callable[[Answers], Reply]
_encode_lines = msgspec.json.Encoder().encode_lines


def encoders(in_json: Encode) -> Mapping[bytes, Encode]:
    """Return what makes a reply of each media type, given what makes JSON."""
    return {
        JSON: in_json,
        LINES: lambda answers: Reply(_encode_lines(answers.predictions()), LINES),
        CSV: lambda answers: Reply(_csv_lines(answers), CSV),
        NPY: lambda answers: Reply(write_npy(answers.prediction_array()), NPY),
    }


def asked_for(headers: Headers, default: bytes = JSON) -> bytes:
    """Return which media type Accept asks for; raise NotAcceptable if it is none of these."""
    return best_of(headers.get(b"accept", b""), _OFFERED, default)


def list_reply(answers: Answers) -> Reply:
    """Return a list of labels or numbers."""
    return Reply(encode(answers.predictions()))


def _csv_lines(answers: Answers) -> bytes:
    """Return a line for each row; text with commas or quotes is quoted."""
    labels = answers.predictions()
    if isinstance(labels[0], int | float) and not isinstance(labels[0], bool):
        return _encode_lines(labels)
    lines = {label: _csv_line(label) for label in set(labels)}
    return "".join([lines[label] for label in labels]).encode()


def _csv_line(label: Label) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow([label])
    return text.getvalue()
