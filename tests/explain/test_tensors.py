"""Explanations in the Open Inference Protocol: a model of its own, whose outputs are numbers."""

import asyncio
import json

import numpy as np
import pytest

from tests.explain.test_endpoint import ROWS
from tests.support.asked import tensor
from tests.support.explained import found_by, stored_explainer
from tests.support.in_process import answer_of, gateway_of

PATH = "/v2/models/iris-explain"


@pytest.fixture(scope="module")
def gateway(model):
    """Return a gateway that explains the Iris model's answers."""
    return gateway_of(model, explainer=stored_explainer(model))


def ask(gateway, method, path, body=b"", headers=()):
    """Return the status, the JSON of a reply, and the bytes behind it."""
    status, found, reply = asyncio.run(answer_of(gateway, method, path, headers, body))
    length = int(found.get(b"inference-header-content-length", len(reply)))
    return status, json.loads(reply[:length]), reply[length:]


def test_it_is_a_model_with_the_inputs_of_the_other_one(gateway):
    _, explaining, _ = ask(gateway, "GET", PATH)
    _, answering, _ = ask(gateway, "GET", "/v2/models/iris")
    assert explaining["inputs"] == answering["inputs"]
    assert explaining["outputs"] == [
        {"name": "base", "datatype": "FP64", "shape": [-1, 3]},
        {"name": "contributions", "datatype": "FP64", "shape": [-1, 4, 3]},
    ]


@pytest.mark.parametrize("is_binary", [False, True])
@pytest.mark.parametrize("times", [1, 40])
def test_its_outputs_are_what_the_explainer_finds(gateway, model, is_binary, times):
    rows = np.array(ROWS * times)
    body = {"inputs": [tensor(rows)], "parameters": {"binary_data_output": is_binary}}
    _, told, content = ask(gateway, "POST", f"{PATH}/infer", json.dumps(body).encode())
    base, contributions = told["outputs"]
    found = np.frombuffer(content)[3 * len(rows) :] if is_binary else np.array(contributions["data"])
    expected = found_by(stored_explainer(model)._contributions, rows)
    assert np.array_equal(found.reshape(contributions["shape"]), expected)
    assert base["shape"] == [len(rows), 3]


def test_it_is_ready_and_listed(gateway):
    assert ask(gateway, "GET", f"{PATH}/ready")[:2] == (200, {"name": "iris-explain", "ready": True})
    _, listed, _ = ask(gateway, "POST", "/v2/repository/index", b"{}")
    assert [each["name"] for each in listed] == ["iris", "iris-explain"]


def test_other_outputs_are_refused(gateway):
    body = {"inputs": [tensor(np.array(ROWS))], "outputs": [{"name": "predict"}]}
    status, told, _ = ask(gateway, "POST", f"{PATH}/infer", json.dumps(body).encode())
    assert (status, told["error"]) == (400, 'There is no output "predict"; ask for base or contributions.')
