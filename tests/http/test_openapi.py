"""The OpenAPI document is true of its model: every example follows its schema, and is answered as it says."""

import asyncio
import json

import pytest
from jsonschema import Draft202012Validator

from tests.models.test_loaded_model import LABELS, labelled
from tests.support.explained import stored_explainer
from tests.support.in_process import answer_of, gateway_of


@pytest.fixture(scope="module", params=["model", "wine", "regressor"])
def document(request):
    """Return a gateway and its document, for Iris, for wines with text as labels, and for a regressor."""
    model = labelled(LABELS["text"])[1] if request.param == "wine" else request.getfixturevalue(request.param)
    explainer = stored_explainer(model) if request.param == "model" else None
    gateway = gateway_of(model, explainer=explainer, AIP_PREDICT_ROUTE="/vertex")
    return gateway, json.loads(asyncio.run(answer_of(gateway, "GET", "/docs.json"))[2])


def contents(document, kind):
    """Yield path, method, media type and content of all requests or all replies."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            bodies = [operation.get("requestBody", {})] if kind == "requests" else operation["responses"].values()
            for body in bodies:
                for media_type, content in body.get("content", {}).items():
                    yield path, method, media_type, content


def validator(document, schema):
    """Return what checks a value by a schema that refers to the document's components."""
    return Draft202012Validator(schema | {"components": document["components"]})


@pytest.mark.parametrize("kind", ["requests", "replies"])
def test_every_example_follows_its_schema(document, kind):
    _, found = document
    examples = [each for each in contents(found, kind) if "example" in each[3]]
    assert len(examples) > 5
    for path, method, media_type, content in examples:
        faults = list(validator(found, content["schema"]).iter_errors(content["example"]))
        assert not faults, (path, method, media_type, faults[0].message)


def test_every_request_has_an_example_which_is_answered_as_the_document_says(document):
    gateway, found = document
    for path, method, media_type, content in contents(found, "requests"):
        example = content["example"]
        body = (json.dumps(example) if media_type == "application/json" else example).encode()
        headers = [(b"content-type", media_type.encode())]
        status, _, reply = asyncio.run(answer_of(gateway, method.upper(), path, headers, body))
        assert status == 200, (path, reply)
        replies = found["paths"][path][method]["responses"]["200"]["content"]
        if media_type == "application/json" and media_type in replies:
            assert json.loads(reply) == replies[media_type]["example"]


def test_every_example_of_a_schema_follows_it(document):
    _, found = document
    for name, schema in found["components"]["schemas"].items():
        for example in [*schema.get("examples", []), *([schema["example"]] if "example" in schema else [])]:
            assert not list(validator(found, schema).iter_errors(example)), name


def test_making_the_document_counts_no_prediction(model):
    """Its examples are answers of the model; only what clients ask is counted."""
    gateway = gateway_of(model)
    assert sum(gateway.monitor.read().predictions) == 0
    asyncio.run(answer_of(gateway, "POST", "/predict", body=b'{"instances": [[1, 2, 3, 4]]}'))
    assert sum(gateway.monitor.read().predictions) == 1


def test_paths_are_grouped_by_protocol(document):
    _, found = document
    tags = {tag for methods in found["paths"].values() for operation in methods.values() for tag in operation["tags"]}
    assert len(tags) >= 8
    assert tags == {tag["name"] for tag in found["tags"]}


def test_it_says_of_which_type_predictions_are(document):
    _, found = document
    (kind,) = {type(label) for label in found["components"]["schemas"]["Model"]["example"].get("class_labels", [0.0])}
    items = found["components"]["schemas"]["Predictions"]["properties"]["predictions"]["items"]
    assert items["type"] == {int: "integer", str: "string", float: "number"}[kind]


def test_a_regressors_document_speaks_of_numbers_and_nowhere_of_classes_or_probabilities(regressor):
    found = json.loads(asyncio.run(answer_of(gateway_of(regressor), "GET", "/docs.json"))[2])
    assert found["info"]["title"] == "Diabetes regressor"
    del found["paths"]["/ui/card.json"]  # which has the same fields for every model
    assert not [word for word in ("predict_proba", "robabilit", "class") if word in json.dumps(found)]
