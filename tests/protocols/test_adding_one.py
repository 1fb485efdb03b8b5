"""A protocol is one file and one line: a toy is added so, and every part of the service knows it."""

import asyncio
import json

import pytest

from forest_serving.protocols import routing
from forest_serving.protocols.endpoint import Doc, Protocol, Reply, encode
from forest_serving.protocols.predicting import predicting
from forest_serving.protocols.predictor import Question
from forest_serving.protocols.schemas import ROWS
from tests.support.cards import card
from tests.support.in_process import Recorder, answer_of, gateway_of


def toy(context):
    """Return a protocol that reads rows in JSON and answers with names and spaces between them."""

    def decode(headers, body):
        return Question(context.rows.json.read(body, ""), lambda answers: Reply(encode(" ".join(answers.names()))))

    doc = Doc("Names of classes", {"application/json": context.example}, ROWS)
    predict = predicting(context, decode, context.json_intake, doc)
    return Protocol("Toy", {f"POST /toy/{context.card.name}": predict}, {"/toy": refuse})


def refuse(status, message, loc):
    """Return an error in the toy's shape."""
    return encode({"oh": message})


@pytest.fixture
def gateway(monkeypatch):
    """Return a gateway that speaks the toy, too."""
    monkeypatch.setattr(routing, "PROTOCOLS", (*routing.PROTOCOLS, toy))
    return gateway_of(Recorder(card()))


@pytest.mark.parametrize(
    ("path", "body", "status", "reply"),
    [
        ("/toy/iris", b"[[1,2,3,4],[-1,2,3,4]]", 200, b'"versicolor setosa"'),
        ("/toy/iris", b"[]", 400, b'{"oh":"The body is empty; send at least one row."}'),
    ],
)
def test_a_new_protocol_answers_and_refuses_in_its_own_words(gateway, path, body, status, reply):
    assert asyncio.run(answer_of(gateway, "POST", path, body=body))[::2] == (status, reply)


def test_a_path_that_it_does_not_have_is_told_in_its_words(gateway):
    status, _, body = asyncio.run(answer_of(gateway, "POST", "/toy/other"))
    assert (status, body[:32]) == (404, b'{"oh":"Nothing is at this path; ')


def test_the_other_protocols_answer_as_before(gateway):
    body = json.dumps({"instances": [[1, 2, 3, 4]]}).encode()
    assert asyncio.run(answer_of(gateway, "POST", "/predict", body=body))[2] == b'{"predictions":[1]}'


def test_the_openapi_document_groups_its_paths(gateway):
    document = json.loads(asyncio.run(answer_of(gateway, "GET", "/docs.json"))[2])
    assert document["paths"]["/toy/iris"]["post"]["tags"] == ["Toy"]
