"""Keys, limits and the end of a server, as each protocol tells them."""

import asyncio
import json

import numpy as np
import pytest

from tests.protocols.conftest import VERTEX, VERTEX_HEALTH
from tests.support import whole
from tests.support.in_process import answer_of, gateway_of
from tests.support.servers import copy_of_store, serving

OPEN = ["/ping", "/health", "/version", "/v2/health/live", "/v2/health/ready", "/v2/models/iris/ready", VERTEX_HEALTH]
OPEN += ["/", "/v1/models/iris"]
LOCKED = {
    "/v2/models/iris/infer": {"error"},
    "/v1/models/iris:predict": {"error"},
    "/invocations": {"error_code", "message"},
    "/predictions/iris": {"code", "type", "message"},
    "/v1/endpoints/12/deployedModels/34:predict": {"error", "detail"},
}


@pytest.fixture(scope="module")
def guarded_url(bentoml_home, way, tmp_path_factory):
    """Return the URL of a server with a key and small limits."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("guarded"))
    limits = {"FOREST_MAX_TENSOR_ROWS": "10", "FOREST_MAX_BODY_BYTES": "2000", "FOREST_MAX_ROWS": "20"}
    with serving(home=home, FOREST_API_KEYS="secret", **limits, **VERTEX, **way) as url:
        yield url


@pytest.mark.parametrize("path", OPEN)
def test_a_probe_needs_no_key(guarded_url, path):
    assert whole.get(guarded_url + path, timeout=5).status_code == 200


@pytest.mark.parametrize("path", LOCKED)
def test_a_prediction_without_a_key_is_refused_in_the_protocols_shape(guarded_url, path):
    reply = whole.post(guarded_url + path, json={}, timeout=5)
    assert (reply.status_code, set(reply.json())) == (401, LOCKED[path])


@pytest.mark.parametrize("path", LOCKED)
@pytest.mark.parametrize("n_bytes", [2_100, 70_000])
def test_too_long_a_body_is_refused_in_the_protocols_shape(guarded_url, path, n_bytes):
    """The first has the length that a tensor might have, the second is longer than anything that is read."""
    headers = {"Authorization": "Bearer secret", "Content-Type": "application/json"}
    reply = whole.post(guarded_url + path, b"[" * n_bytes, headers=headers, timeout=5)
    assert (reply.status_code, set(reply.json())) == (413, LOCKED[path])


def tensor_request(n_rows):
    """Return body and headers of a binary tensor."""
    rows = np.ones((n_rows, 4))
    described = {"name": "x", "shape": [n_rows, 4], "datatype": "FP64", "parameters": {"binary_data_size": rows.nbytes}}
    head = json.dumps({"inputs": [described]}).encode()
    headers = {"Authorization": "Bearer secret", "Inference-Header-Content-Length": str(len(head))}
    return head + rows.tobytes(), headers


@pytest.mark.parametrize(("n_rows", "status"), [(10, 200), (11, 413)])
def test_a_tensor_has_its_own_limit_on_rows(guarded_url, n_rows, status):
    body, headers = tensor_request(n_rows)
    assert whole.post(f"{guarded_url}/v2/models/iris/infer", body, headers=headers, timeout=5).status_code == status


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v2/health/ready", 503), ("/ping", 503), ("/v1/models/iris", 503), ("/v2/health/live", 200), ("/", 200)],
)
def test_once_told_to_stop_a_server_is_alive_but_not_ready(model, path, status):
    gateway = gateway_of(model)
    gateway.drain.has_begun = True
    assert asyncio.run(answer_of(gateway, "GET", path))[0] == status


def test_a_fault_of_ours_is_told_in_the_protocols_shape(model, monkeypatch):
    """A model that fails is the one thing replaced here: ours never did."""
    gateway = gateway_of(model)
    monkeypatch.setattr(model, "engine", None)
    body = json.dumps({"inputs": [[5.1, 3.5, 1.4, 0.2]]}).encode()
    status, _, content = asyncio.run(answer_of(gateway, "POST", "/invocations", [], body))
    assert (status, json.loads(content)["error_code"]) == (500, "INTERNAL_ERROR")
