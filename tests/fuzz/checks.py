"""What every answer must be: a reply as scikit-learn would give it, or a refusal in one sentence; and in time."""

import csv
import json
import re
from io import BytesIO, StringIO
from time import process_time

import numpy as np

from tests.fuzz.reference import Refused, Unsure

REFUSALS = (400, 404, 406, 413, 415)
# Processor time for a megabyte, of which odd CSV takes a twentieth, and half in the fuzzer, which watches each branch;
# and what a cold start may add. What grows with the square takes more: 300,000 headers once took 14 s.
BUDGET_S, BUDGET_S_PER_BYTE = 0.1, 5e-6


def check_answer(subject, answer, reference, *content):
    """Check an answer: rows read as the reference reads them, and their labels; or a refusal.

    Args:
        subject: who answered.
        answer: what.
        reference: returns the rows in the content, for a card.
        content: the request's.
    """
    if answer.status != 200:
        check_refusal(answer)
        return
    try:
        expected = reference(*content, subject.card)
    except Refused as reason:
        raise AssertionError(f"answered what cannot be understood ({reason!r:.200}): {answer.body!r:.200}") from None
    except Unsure:
        expected = answer.rows
    assert np.array_equal(answer.rows, expected), f"understood {answer.rows!r:.200}, not {expected!r:.200}"
    labels = labels_in(answer)
    assert len(labels) == len(answer.rows)
    wanted = subject.labels_of(answer.rows)
    assert labels[: len(wanted)] == wanted, f"answered {labels!r:.200}, not {wanted!r:.200}"


def check_refusal(answer):
    """Check a refusal: JSON with a short sentence that is fit for a terminal."""
    assert answer.status in REFUSALS, answer
    error = json.loads(answer.body)
    sentence = error.get("message") or error["error"]
    assert sentence.endswith((".", "?")), sentence
    assert len(answer.body) < 2000, answer.body
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", sentence), answer.body


def labels_in(answer):
    """Return the labels in a reply, whatever its form."""
    kind, body = answer.headers[b"content-type"], answer.body
    if kind == b"application/json":
        return _labels_in_json(json.loads(body))
    if kind == b"application/jsonlines":
        return [json.loads(line) for line in body.splitlines()]
    if kind == b"application/x-npy":
        return np.load(BytesIO(body), allow_pickle=False).tolist()
    if kind == b"text/csv":
        texts = [row[0] for row in csv.reader(StringIO(body.decode()))]
        return [int(text) if text.isdigit() else text for text in texts]
    assert kind == b"application/octet-stream", kind
    length = int(answer.headers[b"inference-header-content-length"])
    return _labels_in_tensors(json.loads(body[:length]), body[length:])


def _labels_in_json(value):
    if isinstance(value, list):
        return value
    return value["predictions"] if "predictions" in value else _labels_in_tensors(value, b"")


def _labels_in_tensors(reply, content):
    labels = None
    for output in reply["outputs"]:
        size = output.get("parameters", {}).get("binary_data_size", 0)
        part, content = content[:size], content[size:]
        if output["name"] == "predict":
            labels = _labels_in_bytes(part, output["datatype"]) if size else output["data"]
        elif labels is None:
            labels = range(output["shape"][0])  # only probabilities were asked for
    assert not content
    return labels


def _labels_in_bytes(content, datatype):
    if datatype != "BYTES":
        return np.frombuffer(content, "<i8").tolist()
    labels = []
    while content:
        end = 4 + int.from_bytes(content[:4], "little")
        labels.append(content[4:end].decode())
        content = content[end:]
    return labels


def in_time(run, n_bytes):
    """Call run() within processor time that is linear in n_bytes; three tries, so that a busy machine fails nothing."""
    tries_s = []
    while not tries_s or (tries_s[-1] > BUDGET_S + BUDGET_S_PER_BYTE * n_bytes and len(tries_s) < 3):
        started = process_time()
        run()
        tries_s.append(process_time() - started)
    least_s, budget_s = min(tries_s), BUDGET_S + BUDGET_S_PER_BYTE * n_bytes
    assert least_s <= budget_s, f"{n_bytes:,} bytes took {least_s:.2f} s of the processor, not {budget_s:.2f} s"
