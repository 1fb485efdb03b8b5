"""The forms in which /invocations answers: JSON, JSON lines, CSV or npy, as Accept asks for it."""

import csv
from collections.abc import Callable, Mapping
from io import StringIO

import msgspec

from forest_serving.card import Label
from forest_serving.protocols.endpoint import JSON, Headers, Reply
from forest_serving.protocols.negotiation import best_of
from forest_serving.protocols.predictor import Answers, Writing
from forest_serving.protocols.replies import PART_ROWS, parts_of
from forest_serving.rows.npy import write_npy
from forest_serving.settings import REPLY_TYPES

CSV, LINES, NPY = b"text/csv", b"application/jsonlines", b"application/x-npy"
OTHER_REPLIES = (CSV.decode(), LINES.decode(), NPY.decode())
_OFFERED = [kind.encode() for kind in REPLY_TYPES]

Encode = Callable[[Answers], Reply | Writing]
_BEGIN_NUMBERS = frozenset(b"%d" % digit for digit in range(10)) | {b"-"}
_encode_lines = msgspec.json.Encoder().encode_lines


class Forms:
    """What makes a reply of each media type.

    Args:
        in_json: what makes JSON.
        default: the media type where Accept leaves the choice.
    """

    def __init__(self, in_json: Encode, default: bytes = JSON) -> None:
        self._default = default
        encoders: dict[bytes | None, Encode] = {
            JSON: in_json,
            LINES: lambda answers: _in_lines(answers, lambda some: _encode_lines(some.predictions()), LINES),
            CSV: lambda answers: _in_lines(answers, _csv_lines, CSV),
            NPY: lambda answers: Reply(write_npy(answers.prediction_array()), NPY),
        }
        self._by_accept: Mapping[bytes | None, Encode] = {
            **encoders,
            **dict.fromkeys((None, b"", b"*/*"), encoders[default]),
        }

    def asked_for(self, headers: Headers) -> Encode:
        """Return what makes the reply that Accept asks for; raise NotAcceptable if it is none of these."""
        accept = headers.get(b"accept")
        if accept not in self._by_accept:
            accept = best_of(accept or b"", _OFFERED, self._default)
        return self._by_accept[accept]


def _in_lines(answers: Answers, write: Callable[[Answers], bytes], media_type: bytes) -> Reply | Writing:
    if len(answers) <= PART_ROWS:
        return Reply(write(answers), media_type)
    return _write_lines(answers, write, media_type)


def _write_lines(answers: Answers, write: Callable[[Answers], bytes], media_type: bytes) -> Writing:
    return Reply(b"".join((yield from parts_of(answers, write, between=b""))), media_type)


def _csv_lines(answers: Answers) -> bytes:
    """Return a line for each row; text with commas or quotes is quoted."""
    texts = answers.predictions_json()[1:-1]
    if texts[:1] in _BEGIN_NUMBERS:  # which CSV has as JSON has them
        return texts.replace(b",", b"\n") + b"\n"
    labels = answers.predictions()
    lines = {label: _csv_line(label) for label in set(labels)}
    return "".join([lines[label] for label in labels]).encode()


def _csv_line(label: Label) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow([label])
    return text.getvalue()
