"""The table of routes."""

import asyncio
import json
import re

import pytest

from forest_serving.protocols.endpoint import Endpoint, Protocol, Reply, page
from forest_serving.protocols.routing import WINNERS, dialects_of, protocols_of, routes_of
from tests.support.cards import card
from tests.support.in_process import Recorder, answer_of, context_of, gateway_of, reply_now, routes

MODEL = Recorder(card())
ROW = b'{"instances": [[5.1, 3.5, 1.4, 0.2]], "parameters": null}'


@pytest.mark.parametrize(
    "path",
    ["/predict", "/predict_proba", "/invocations", "/v1/models/iris:predict", "/v1/models/iris/versions/v1:predict"],
)
def test_no_two_protocols_clash_without_a_stated_winner(path):
    """With Vertex AI's routes at the service's own path, where it wins, and at other protocols', to whom it yields."""
    assert routes(MODEL, AIP_PREDICT_ROUTE=path, AIP_HEALTH_ROUTE="/ping")[path]["POST"]


def test_a_clash_without_a_winner_stops_the_start():
    protocols = [Protocol("one", {"GET /x": page(b"1")}), Protocol("two", {"GET /x": page(b"2")})]
    with pytest.raises(ValueError, match="one and two both answer GET /x; say in WINNERS who does"):
        routes_of(protocols)


def test_protocols_that_claim_only_some_requests_need_one_that_takes_the_rest():
    sometimes = Endpoint(lambda headers, body: Reply(b""), claims=lambda headers, body: False)
    with pytest.raises(ValueError, match="one must take the rest"):
        routes_of([Protocol("one", {"POST /x": sometimes})])


def test_every_stated_winner_is_a_protocol_that_has_the_place():
    for place, winner in WINNERS.items():
        protocols = protocols_of(context_of(MODEL, AIP_PREDICT_ROUTE=place.partition(" ")[2]))
        assert place in next(protocol.table for protocol in protocols if protocol.name == winner)


def test_vertex_ai_may_choose_the_services_own_path():
    endpoint = routes(MODEL, AIP_PREDICT_ROUTE="/predict")["/predict"]["POST"]
    assert reply_now(endpoint, body=ROW).body == b'{"predictions":[1]}'


def test_vertex_ai_may_ask_for_probabilities():
    endpoint = routes(MODEL, AIP_PREDICT_ROUTE="/predict_proba")["/predict_proba"]["POST"]
    reply = json.loads(reply_now(endpoint, body=ROW).body)
    assert reply == {"predictions": [1], "labels": ["versicolor"], "probabilities": [[0.0, 1.0, 0.0]]}


@pytest.mark.parametrize("path", ["/ping", "/livez", "/model", "/my/health"])
def test_vertex_ais_health_route_needs_no_key_wherever_it_is(path):
    assert routes(MODEL, AIP_HEALTH_ROUTE=path)[path]["GET"].probe == "ready"


def test_every_route_is_described_and_says_whose_it_is():
    endpoints = [endpoint for methods in routes(MODEL).values() for endpoint in methods.values()]
    assert all(endpoint.doc and endpoint.protocols for endpoint in endpoints)


def test_a_path_of_several_protocols_is_listed_under_each():
    assert routes(MODEL)["/ping"]["GET"].protocols == ("SageMaker", "MLflow", "TorchServe")


def test_each_path_that_a_protocol_has_tells_errors_in_its_shape():
    """A protocol's errors cover its paths; the rest are the service's own and Vertex AI's, which prescribes none."""
    context = context_of(MODEL)
    protocols = protocols_of(context)
    dialects = dialects_of(protocols, context)
    own = {"/", "/predict", "/predict_proba", "/model", "/execution-parameters"}
    assert {path for path in routes_of(protocols) if dialects.at(path) is dialects[""]} == own


def test_an_endpoint_is_a_page_without_a_body_unless_it_says_which_it_reads():
    assert Endpoint(lambda headers, body: Reply(b"")).intake is None


@pytest.mark.parametrize(("variables", "n_paths"), [({}, 5), ({"FOREST_UI": "false"}, 4)])
def test_a_404_names_paths_that_are_there(variables, n_paths):
    gateway = gateway_of(MODEL, **variables)
    status, _, body = asyncio.run(answer_of(gateway, "GET", "/nothing"))
    named = re.findall(r"/[a-z_]+(?=[ ,])", json.loads(body)["error"])
    found = [asyncio.run(answer_of(gateway, "GET", path))[0] for path in named if path != "/metrics"]
    assert status == 404
    assert len(named) == n_paths
    assert set(found) <= {200, 405}
