"""The table of routes."""

import pytest

from forest_serving.protocols import native
from forest_serving.protocols.endpoint import Endpoint, page
from forest_serving.protocols.shared_paths import WINNERS, merged
from forest_serving.protocols.table import dialects_of, routes_of, tables_of
from forest_serving.settings import read_settings


def routes(model, **variables):
    """Return the routes with these environment variables."""
    return routes_of(model, lambda: b"", read_settings(variables))


def test_no_two_protocols_clash_without_a_stated_winner(model):
    """With Vertex AI's routes at the service's own path, where it wins, and at other protocols', to whom it yields."""
    version = f"/v1/models/iris/versions/{model.version}"
    for path in ("/predict", "/predict_proba", "/invocations", "/v1/models/iris:predict", f"{version}:predict"):
        settings = read_settings({"AIP_PREDICT_ROUTE": path, "AIP_HEALTH_ROUTE": "/ping"})
        merged(tables_of(model, lambda: b"", settings))


def test_a_clash_without_a_winner_stops_the_start():
    tables = {"one": {"GET /ping": page(b"1")}, "two": {"GET /ping": page(b"2")}}
    with pytest.raises(ValueError, match="one and two both answer GET /ping; say in WINNERS who does"):
        merged(tables)


def test_every_stated_winner_is_a_protocol_that_has_the_place(model):
    for place, winner in WINNERS.items():
        settings = read_settings({"AIP_PREDICT_ROUTE": place.partition(" ")[2]})
        assert place in tables_of(model, lambda: b"", settings)[winner]


def test_vertex_ai_may_choose_the_services_own_path(model):
    endpoint = routes(model, AIP_PREDICT_ROUTE="/predict")["/predict"]["POST"]
    assert endpoint.answer(b'{"instances": [[5.1, 3.5, 1.4, 0.2]], "parameters": null}') == b'{"predictions":[0]}'


def test_vertex_ai_may_ask_for_probabilities(model):
    endpoint = routes(model, AIP_PREDICT_ROUTE="/predict_proba")["/predict_proba"]["POST"]
    body = b'{"instances": [[5.1, 3.5, 1.4, 0.2]], "parameters": null}'
    assert endpoint.answer(body) == native.encode(model.predict_proba([[5.1, 3.5, 1.4, 0.2]]))


@pytest.mark.parametrize("path", ["/ping", "/livez", "/model", "/my/health"])
def test_vertex_ais_health_route_needs_no_key_wherever_it_is(model, path):
    assert routes(model, AIP_HEALTH_ROUTE=path)[path]["GET"].probe == "ready"


def test_every_route_is_described_but_the_page_and_the_document_itself(model):
    found = routes(model)
    assert {path for path, methods in found.items() for e in methods.values() if not e.doc} == {"/", "/docs.json"}


def test_each_path_that_a_protocol_has_tells_errors_in_its_shape(model):
    """A protocol's dialect covers its paths; the rest are the service's own and Vertex AI's, which prescribes none."""
    dialects = dialects_of("v1")
    own = {"/predict", "/predict_proba", "/model", "/metrics", "/", "/docs.json", "/execution-parameters"}
    for path in set(routes(model)) - own:
        assert any(path == start or path.startswith((f"{start}/", f"{start}:")) for start in dialects if start), path


def test_an_endpoint_is_a_page_without_a_body_unless_it_says_which_it_reads():
    assert Endpoint(lambda body: b"").intake is None
