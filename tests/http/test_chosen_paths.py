"""Paths that an operator chooses for Vertex AI may be any; keys and readiness stay what each asks of them."""

import asyncio

import pytest

from tests.support.cards import card
from tests.support.in_process import Recorder, answer_of, gateway_of

ROW = b'{"instances": [[1, 2, 3, 4]]}'


def status(method, path, body=b"", draining=False, **variables):
    """Return the status of a request without a key."""
    gateway = gateway_of(Recorder(card()), **variables)
    gateway.drain.has_begun = draining
    return asyncio.run(answer_of(gateway, method, path, body=body))[0]


@pytest.mark.parametrize("path", ["/", "/metrics", "/docs.json", "/model"])
def test_predictions_may_be_sent_where_a_page_of_ours_is(path):
    assert status("POST", path, ROW, AIP_PREDICT_ROUTE=path) == 200
    assert status("GET", path, AIP_PREDICT_ROUTE=path) == 200


@pytest.mark.parametrize("path", ["/", "/metrics"])
def test_readiness_may_be_asked_there_without_a_key(path):
    keys = {"FOREST_API_KEYS": "secret", "FOREST_DOCS_OPEN": "false", "AIP_HEALTH_ROUTE": path}
    assert status("GET", path, **keys) == 200
    assert status("GET", path, draining=True, **keys) == 503


def test_a_probe_at_the_path_of_predictions_opens_only_the_probe():
    keys = {"FOREST_API_KEYS": "secret", "AIP_HEALTH_ROUTE": "/predict"}
    assert status("GET", "/predict", **keys) == 200
    assert status("POST", "/predict", ROW, **keys) == 401
