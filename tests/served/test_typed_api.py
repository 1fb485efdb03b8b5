"""The gateway and BentoML's typed API behind it follow the same rules."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

numbers = st.one_of(st.integers(-9, 9), st.floats(0, 8), st.floats(allow_nan=False, allow_infinity=False))
odd = st.one_of(numbers, st.booleans(), st.none(), st.text(max_size=3))
rows = st.one_of(st.lists(numbers, min_size=4, max_size=4), st.lists(odd, max_size=5), odd)
requests = st.one_of(
    st.fixed_dictionaries({"instances": st.lists(rows, max_size=4)}),
    st.dictionaries(st.sampled_from(["instances", "instance", "x"]), st.lists(rows, max_size=2), max_size=2),
    odd,
)


@pytest.fixture(scope="module")
def apps(bentoml_home):
    """Return clients of both: what to_asgi gives, and BentoML's application inside it."""
    from service import IrisClassifier

    gateway = IrisClassifier.to_asgi()
    with TestClient(gateway.app) as typed:
        yield TestClient(gateway), typed


@pytest.mark.parametrize("path", ["/predict", "/predict_proba"])
@settings(max_examples=150, deadline=None)
@given(request=requests)
def test_both_answer_alike(apps, path, request):
    gateway, typed = (
        app.post(path, content=json.dumps(request), headers={"Content-Type": "application/json"}) for app in apps
    )
    assert gateway.status_code == typed.status_code
    assert gateway.status_code == 400 or gateway.json() == typed.json()


def test_bentoml_asks_for_the_application_in_the_way_that_the_gateway_relies_on(apps):
    """BehindGateway overrides Service.to_asgi; a BentoML that stops calling it would serve without the gateway."""
    gateway, typed = (app.post("/predict", json={"instances": [[1, 2, 3, 4]]}) for app in apps)
    assert "x-model-version" in gateway.headers
    assert "x-model-version" not in typed.headers


def test_the_gateway_passes_on_exactly_what_bentoml_serves_besides_the_methods(bentoml_home):
    from forest_serving.http.behind import BENTOML_FOLDER, BENTOML_PATHS
    from service import IrisClassifier

    paths = {getattr(route, "path", "") for route in IrisClassifier.to_asgi().app.app.routes}
    answered_by_the_gateway = {"/predict", "/predict_proba", "/metrics", "/docs.json", "/"}
    assert paths - answered_by_the_gateway == BENTOML_PATHS | {BENTOML_FOLDER.rstrip("/")}
