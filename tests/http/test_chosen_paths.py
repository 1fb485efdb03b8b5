"""Paths that an operator chooses for Vertex AI: none changes what another path means, or who needs a key there."""

import asyncio

import pytest

from forest_serving.errors import BadSetting
from forest_serving.http.assembly import described_routes
from forest_serving.settings import read_settings
from tests.support.cards import card
from tests.support.in_process import Recorder, answer_of, gateway_of, routes
from tests.support.regression import regression_card

ROW = b'{"instances": [[1, 2, 3, 4]]}'
HEALTH = ["/ping", "/health", "/v2/health/ready", "/v2/models/iris/ready", "/livez", "/healthz", "/readyz"]
HEALTH += ["/v1/models/iris"]
PREDICT = ["/predict", "/predict_proba", "/invocations", "/v1/models/iris:predict", "/predictions/iris"]
OTHERS = ["/", "/docs.json", "/metrics", "/model", "/schema.json", "/static_content/x", "/version", "/v2/health/live"]
OTHERS += ["/v1/models", "/v2/repository/index", "/execution-parameters"]


def status(method, path, body=b"", draining=False, **variables):
    """Return the status of a request without a key."""
    gateway = gateway_of(Recorder(card()), **variables)
    gateway.drain.has_begun = draining
    return asyncio.run(answer_of(gateway, method, path, body=body))[0]


def start(**variables):
    """Do what a server does with its paths before it loads the model."""
    return described_routes(card(), "v1", read_settings(variables))


@pytest.mark.parametrize("path", [*HEALTH, "/of/its/own"])
def test_readiness_may_be_asked_where_it_is_told_anyway_and_at_a_new_path(path):
    keys = {"FOREST_API_KEYS": "secret", "AIP_HEALTH_ROUTE": path, "AIP_PREDICT_ROUTE": "/predict"}
    assert start(**keys)
    assert status("GET", path, **keys) in (200, 500)  # 500: BentoML's own path, and there is no BentoML here
    assert status("GET", path, draining=True, **keys) == 503


@pytest.mark.parametrize("path", [*PREDICT, "/of/its/own"])
def test_predictions_may_be_sent_where_they_are_answered_anyway_and_to_a_new_path(path):
    chosen = {"AIP_HEALTH_ROUTE": "/health", "AIP_PREDICT_ROUTE": path}
    assert start(**chosen)[path]["POST"].predicts
    assert status("POST", path, ROW, **chosen) == 200
    assert status("POST", path, ROW, **chosen, FOREST_API_KEYS="secret") == 401


@pytest.mark.parametrize("variable", ["AIP_HEALTH_ROUTE", "AIP_PREDICT_ROUTE"])
@pytest.mark.parametrize("path", [*OTHERS])
@pytest.mark.parametrize("docs", ["true", "false"])
def test_a_path_that_means_something_else_is_refused(variable, path, docs):
    """By whichever method: health is asked by GET, predictions are sent by POST, and neither may share such a path."""
    with pytest.raises(BadSetting, match=f"^{variable} must not be '{path}', where something else is; choose /"):
        start(**{variable: path, "FOREST_DOCS_OPEN": docs, "FOREST_METRICS_OPEN": docs})


def test_a_regressors_predictions_may_be_sent_wherever_probabilities_are_not_asked_for():
    known = regression_card(), "v1"
    assert described_routes(*known, read_settings({"AIP_PREDICT_ROUTE": "/predict"}))["/predict"]["POST"].predicts
    with pytest.raises(BadSetting, match=r"^AIP_PREDICT_ROUTE must not be '/predict_proba', .*; choose /predict\.$"):
        described_routes(*known, read_settings({"AIP_PREDICT_ROUTE": "/predict_proba"}))


@pytest.mark.parametrize(("variable", "paths"), [("AIP_HEALTH_ROUTE", PREDICT), ("AIP_PREDICT_ROUTE", HEALTH)])
def test_health_is_not_asked_where_predictions_are_sent_nor_the_other_way_round(variable, paths):
    for path in paths:
        with pytest.raises(BadSetting, match=variable):
            start(**{variable: path})


def test_no_path_of_the_server_is_left_out_here():
    """Whatever is added to the server is either of a kind with what Vertex AI asks, or refused."""
    taken = {path for path, methods in start().items() if not any(e.predicts for e in methods.values())}
    ready = {path for path in taken if "GET" in (there := start()[path]) and there["GET"].probe == "ready"}
    for path in taken - ready:
        with pytest.raises(BadSetting):
            start(AIP_HEALTH_ROUTE=path)


@pytest.mark.parametrize(
    "variables",
    [
        {"AIP_HEALTH_ROUTE": "/own", "AIP_PREDICT_ROUTE": "/own"},
        {"AIP_HEALTH_ROUTE": "/v1/endpoints/1/deployedModels/2:predict"}
        | {"AIP_ENDPOINT_ID": "1", "AIP_DEPLOYED_MODEL_ID": "2"},
    ],
)
def test_one_path_for_both_is_refused(variables):
    with pytest.raises(BadSetting, match=r"^AIP_HEALTH_ROUTE and AIP_PREDICT_ROUTE must differ; both are '/"):
        start(**variables)


def test_a_gateway_refuses_what_the_start_refuses():
    with pytest.raises(BadSetting, match="AIP_HEALTH_ROUTE must not be '/predict'"):
        gateway_of(Recorder(card()), AIP_HEALTH_ROUTE="/predict")


def test_routes_are_known_before_the_model_is_loaded():
    assert start().keys() >= routes(Recorder(card())).keys()
