"""Long replies are written in parts, between which others have their turn, and are what they would be at once."""

import csv
import io
import json
from typing import Any

import numpy as np
import pytest

from forest_serving.card import Category
from forest_serving.models.answers import Answers, Categories, Numbers
from forest_serving.protocols.endpoint import Reply
from forest_serving.protocols.output_tensors import LENGTH_HEADER, OutputEncoder
from forest_serving.protocols.replies import PART_ROWS, list_reply, predictions_reply, probabilities_reply
from forest_serving.protocols.reply_forms import Forms
from forest_serving.protocols.v1_models import _encode_both
from tests.support.cards import YES_NO, card
from tests.support.turns import turns_s

N_ROWS = 2 * PART_ROWS + 500
RANDOM = np.random.default_rng(0)
MANY = tuple(Category(label=n, name=f"class {n}") for n in range(100))
TEXT, WIDE = card("text", classes=YES_NO), card("wide", classes=MANY)
CARDS = {"text": TEXT, "wide": WIDE, "iris": card()}


def answered(name, n_rows=N_ROWS):
    """Return answers to rows, of which only the numbers of columns and classes matter; or a regressor's."""
    if name == "regressor":
        return Numbers(RANDOM.uniform(-9, 9, n_rows))
    n_classes = len(CARDS[name].classes)
    return Answers(Categories(CARDS[name]), RANDOM.integers(0, n_classes, n_rows), RANDOM.random((n_rows, n_classes)))


def written(steps):
    """Return a reply's body and headers, and how many turns others had."""
    n_turns = 0
    while not isinstance(steps, Reply):
        try:
            next(steps)
            n_turns += 1
        except StopIteration as end:
            steps = end.value
    return steps, n_turns


def in_form(media_type):
    return Forms(list_reply).asked_for({b"accept": media_type})


def of_lines(body):
    return list(map(json.loads, body.splitlines()))


def of_csv(body):
    labels = [cell for (cell,) in csv.reader(io.StringIO(body.decode()))]
    return labels if labels[0] in {"no", "yes, soon"} else list(map(float, labels))


FORMS: dict[str, Any] = {
    "predictions": (predictions_reply, lambda body: json.loads(body)["predictions"]),
    "both": (_encode_both, lambda body: json.loads(body)["outputs"]),
    "list": (list_reply, json.loads),
    "JSON lines": (in_form(b"application/jsonlines"), of_lines),
    "CSV": (in_form(b"text/csv"), of_csv),
}


@pytest.mark.parametrize("name", ["text", "iris", "regressor"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("n_rows", "least_turns"), [(N_ROWS, 3), (PART_ROWS, 0)])
def test_a_list_of_labels_or_numbers(form, name, n_rows, least_turns):
    (encode, read), answers = FORMS[form], answered(name, n_rows)
    reply, n_turns = written(encode(answers))
    assert read(reply.body) == list(answers.predictions())
    assert n_turns == least_turns


@pytest.mark.parametrize("name", ["text", "wide"])
def test_probabilities(name):
    answers = answered(name)
    reply, n_turns = written(probabilities_reply(answers))
    assert json.loads(reply.body) == {
        "predictions": list(answers.predictions()),
        "labels": answers.names(),
        "probabilities": answers.probabilities(),
    }
    assert n_turns >= N_ROWS / answers.turn_rows


@pytest.mark.parametrize("name", ["iris", "wide"])
@pytest.mark.parametrize("is_binary", [False, True])
def test_tensors(name, is_binary):
    answers, encoder = answered(name), OutputEncoder(CARDS[name], "v1")
    wish = encoder.wish(None, {"binary_data_output": is_binary})
    reply, n_turns = written(encoder.reply(None, wish, answers))
    head = reply.body[: int(dict(reply.headers)[LENGTH_HEADER])] if is_binary else reply.body
    outputs = json.loads(head)["outputs"]
    classes, shares = (np.array(output.get("data")) for output in outputs)
    if is_binary:
        n_bytes = [output["parameters"]["binary_data_size"] for output in outputs]
        classes = np.frombuffer(reply.body, "<i8", n_bytes[0] // 8, len(head))
        shares = np.frombuffer(reply.body, "<f8", n_bytes[1] // 8, len(head) + n_bytes[0])
    assert (classes == answers.classes).all()
    assert (shares.reshape(N_ROWS, -1) == answers.shares).all()
    assert n_turns >= N_ROWS / answers.turn_rows


@pytest.mark.once
@pytest.mark.parametrize("form", FORMS)
def test_no_turn_of_writing_half_a_million_rows_is_long(form):
    """Each takes about a millisecond, the last, which puts the parts together, a few; at once it takes up to 70."""
    answers = answered("text", 500_000)
    tries = [sorted(turns_s(FORMS[form][0](answers))) for _ in range(3)]  # on a busy machine
    assert min(turns[-2] for turns in tries) < 0.02  # once, Python may look for garbage
