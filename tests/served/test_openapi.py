"""The OpenAPI document says what the server does."""

import json

import pytest

from tests.support import whole


@pytest.fixture(scope="module")
def document(either_url):
    """Return the served document."""
    return whole.get(f"{either_url}/docs.json", timeout=5).json()


def test_each_value_has_its_unit_its_domain_and_the_range_it_was_trained_on(document):
    numbers = document["components"]["schemas"]["Rows"]["items"]["prefixItems"]
    assert [number["title"] for number in numbers] == ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    assert numbers[0]["description"] == "sepal length in cm; 4.3 to 7.9 in the training data"
    assert numbers[0]["maximum"] > 3.4e38


@pytest.mark.parametrize("path", ["/predict", "/predict_proba"])
def test_every_status_of_a_prediction_is_described(document, path):
    described = {int(status) for status in document["paths"][path]["post"]["responses"]}
    assert described == {200, 400, 401, 404, 405, 406, 408, 413, 414, 415, 429, 431, 500, 503}


def test_every_described_path_answers(document, either_url):
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            for media_type, content in described.get("requestBody", {"content": {None: {}}})["content"].items():
                example = content.get("example")
                body = example if isinstance(example, str) else json.dumps(example)
                headers = {"Content-Type": media_type}
                assert whole.request(method, f"{either_url}{path}", data=body, headers=headers, timeout=5).ok
