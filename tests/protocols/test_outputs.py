"""Which outputs of the Open Inference Protocol a reply has: those that a request names, without names all."""

import asyncio
import json

import numpy as np
import pytest

from tests.protocols.test_answers import ask, tensor
from tests.support.in_process import answer_of, gateway_of

PATH = "/v2/models/NAME/infer"
LENGTH = b"inference-header-content-length"
KINDS = {"INT64": "<i8", "FP64": "<f8"}
BOTH = ["predict", "predict_proba"]


def infer(model, rows, **fields):
    """Return the outputs of a reply by name, as lists, in the order in which they came."""
    body = json.dumps(tensor(rows.tolist()) | fields).encode()
    status, headers, reply = ask(model, "POST", PATH, body)
    assert status == 200, reply
    start = length = int(headers.get(LENGTH, len(reply)))
    outputs = {}
    for output in json.loads(reply[:length])["outputs"]:
        size = output.get("parameters", {}).get("binary_data_size", 0)
        flat = (
            np.frombuffer(reply[start : start + size], KINDS[output["datatype"]]).tolist() if size else output["data"]
        )
        outputs[output["name"]] = np.reshape(flat, output["shape"]).tolist()
        start += size
    assert start == len(reply)
    return outputs


@pytest.mark.parametrize("asked", [{}, {"outputs": None}, {"outputs": []}], ids=["absent", "null", "empty"])
@pytest.mark.parametrize("is_binary", [False, True])
@pytest.mark.parametrize("n_rows", [1, 200])
def test_without_names_it_has_all_to_the_bit(pair, asked, is_binary, n_rows):
    rows = pair.rows[:n_rows]
    expected = {"predict": pair.oracle.predict(rows).tolist()}
    if pair.model.card.is_classifier:
        expected["predict_proba"] = pair.oracle.predict_proba(rows).tolist()
    found = infer(pair.model, rows, parameters={"binary_data_output": is_binary}, **asked)
    assert list(found.items()) == list(expected.items())


@pytest.mark.parametrize("names", [["predict"], ["predict_proba"], BOTH, BOTH[::-1]])
@pytest.mark.parametrize("n_rows", [1, 200])
def test_it_has_those_that_are_named_in_that_order(model, names, n_rows):
    rows = np.random.default_rng(1).uniform(0, 8, (n_rows, 4))
    every = infer(model, rows)
    assert list(infer(model, rows, outputs=[{"name": name} for name in names])) == names
    assert all(infer(model, rows, outputs=[{"name": name}])[name] == every[name] for name in names)


def test_each_may_be_json_or_bytes(model):
    rows = np.ones((1, 4))
    outputs = [{"name": "predict"}, {"name": "predict_proba", "parameters": {"binary_data": True}}]
    for mixed in (outputs, outputs[::-1]):
        assert infer(model, rows, outputs=mixed) == infer(model, rows)


@pytest.mark.parametrize("parameter", ["shared_memory_region", "shared_memory_byte_size", "shared_memory_offset"])
@pytest.mark.parametrize("side", ["inputs", "outputs", "request"])
def test_shared_memory_is_refused_and_not_ignored(model, parameter, side):
    """The client would read in its memory what was never written there."""
    request = tensor([[1, 2, 3, 4]]) | {"outputs": [{"name": "predict"}]}
    (request if side == "request" else request[side][0])["parameters"] = {parameter: 1}
    status, _, body = ask(model, "POST", PATH, json.dumps(request).encode())
    assert (status, " is in shared memory, which is not offered; " in json.loads(body)["error"]) == (400, True), body


def test_an_empty_body_is_told_what_to_send(model):
    status, _, body = ask(model, "POST", PATH)
    said, _, example = json.loads(body)["error"].partition("; send ")
    assert (status, said) == (400, "The body is empty")
    assert ask(model, "POST", PATH, example.removesuffix(".").encode())[0] == 200


def test_a_length_of_no_json_is_refused(model):
    status, _, body = ask(model, "POST", PATH, b"tensor", **{LENGTH.decode(): b"0"})
    assert (status, b"must be the number of bytes of JSON; the body has 6" in body) == (400, True)


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        ([b"application/json", b"application/octet-stream"], 200),
        ([b"application/octet-stream", b"application/json"], 200),
        ([b"application/json, application/octet-stream"], 200),
        ([b"application/json", b"application/json"], 200),
        ([b"text/csv", b"application/octet-stream"], 415),
        ([b"application/octet-stream", b"image/png"], 415),
    ],
)
def test_two_content_types_are_taken_if_each_is(model, kinds, status):
    rows = np.ones((1, 4))
    described = {"name": "x", "shape": [1, 4], "datatype": "FP64", "parameters": {"binary_data_size": rows.nbytes}}
    head = json.dumps({"inputs": [described]}).encode()
    fields = [(LENGTH, b"%d" % len(head)), *((b"content-type", kind) for kind in kinds)]
    answer = answer_of(gateway_of(model), "POST", "/v2/models/iris/infer", fields, head + rows.tobytes())
    assert asyncio.run(answer)[0] == status
