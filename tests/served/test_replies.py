"""What a server answers to requests that are right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forest_serving.card import HIGHEST
from forest_serving.models import store as model_store
from tests.support import whole

SETOSA = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
LARGEST = HIGHEST
numbers = st.one_of(st.floats(0, 8), st.floats(-LARGEST, LARGEST), st.integers(-(2**70), 2**70), st.just(-0.0))
rows = st.lists(st.lists(numbers, min_size=4, max_size=4), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def forest(bentoml_home):
    """Return the scikit-learn forest behind the served model."""
    return model_store.load_forest(model_store.read("iris_compiled").card)


def test_predict_answers_the_class_index_and_nothing_more(either_url):
    assert whole.post(f"{either_url}/predict", json=SETOSA, timeout=5).json() == {"predictions": [0]}


def test_predict_proba_answers_class_label_and_probabilities(either_url):
    reply = whole.post(f"{either_url}/predict_proba", json=SETOSA, timeout=5).json()
    assert reply == {"predictions": [0], "labels": ["setosa"], "probabilities": [[1.0, 0.0, 0.0]]}


@settings(max_examples=150)
@given(instances=rows)
def test_over_http_the_answer_is_the_forests_to_the_last_bit(either_url, forest, instances):
    reply = whole.post(f"{either_url}/predict_proba", json={"instances": instances}, timeout=10).json()
    with np.errstate(invalid="ignore"):  # scikit-learn adds all values up to look for NaN, and huge ones overflow
        expected = forest.predict_proba(np.array(instances, np.float64))
    assert (np.array(reply["probabilities"]).view(np.uint64) == expected.view(np.uint64)).all()
    assert reply["predictions"] == expected.argmax(axis=1).tolist()


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", None])
def test_json_is_read_with_or_without_a_content_type(either_url, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    reply = whole.post(f"{either_url}/predict", b'{"instances": [[5, 3, 1, 0]]}', headers=headers, timeout=5)
    assert reply.json() == {"predictions": [0]}


@pytest.mark.parametrize("path", ["/predict", "/predict_proba", "/model"])
def test_every_reply_names_the_models_version(either_url, path):
    reply = whole.request("GET" if path == "/model" else "POST", f"{either_url}{path}", json=SETOSA, timeout=5)
    assert reply.headers["X-Model-Version"] == whole.get(f"{either_url}/model", timeout=5).json()["version"]


def test_the_model_page_says_what_is_served(either_url, bentoml_home):
    model = whole.get(f"{either_url}/model", timeout=5).json()
    assert model["tag"] == model_store.read("iris_compiled").tag
    assert model["engine"] == "decision_table"
    assert model["classes"] == ["setosa", "versicolor", "virginica"]
    assert {"name": "sepal_length", "unit": "cm"}.items() <= model["features"][0].items()
    assert model["training"]["accuracy"] > 0.9


def test_head_answers_a_gets_headers_without_its_body(either_url):
    head, get = (whole.request(method, f"{either_url}/model", timeout=5) for method in ("HEAD", "GET"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_a_body_in_many_chunks_is_one_body(either_url):
    chunks = (bytes([byte]) for byte in b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}')
    assert whole.post(f"{either_url}/predict", data=chunks, timeout=10).json() == {"predictions": [0]}


def test_the_docs_page_loads_nothing_from_elsewhere(either_url):
    page = whole.get(f"{either_url}/", headers={"Accept": "text/html"}, timeout=5).text
    assert "http" not in page.replace("<!doctype html>", "")
    for file in ("swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"):
        assert file in page
        assert whole.get(f"{either_url}/static_content/{file}", timeout=5).ok
