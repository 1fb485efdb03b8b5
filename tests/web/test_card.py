"""What the page knows of a model is what its card says, in the words in which a client sends values."""

import asyncio
import json

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from forest_serving.protocols.schemas import schema_of
from forest_serving.web.card import ToldCard
from tests.support.cards import CHURN, card
from tests.support.explained import stored_explainer
from tests.support.in_process import Recorder, answer_of, gateway_of
from tests.web.models import churn, many_classes


def told(model, explainer=None, **variables):
    """Return what the page knows of a model."""
    gateway = gateway_of(model, explainer=explainer, **variables)
    return json.loads(asyncio.run(answer_of(gateway, "GET", "/ui/card.json"))[2])


def test_it_says_what_the_model_is_and_what_the_server_takes(model):
    found = told(model, FOREST_MAX_ROWS="7", FOREST_MAX_BODY_BYTES="5000")
    assert (found["tag"], found["task"], found["version"]) == (model.tag, "classification", model.version)
    assert (found["max_rows"], found["max_body_bytes"]) == (7, 5000)
    assert found["classes"][1] == {"label": 1, "name": "versicolor"}
    assert found["report"] == json.loads(json.dumps(model.card.report))


def test_a_feature_has_its_words_its_unit_and_its_spread(model):
    found = told(model)["features"][2]
    assert (found["name"], found["words"], found["column"]) == ("petal_length", "petal length", "petal length (cm)")
    assert found["deciles"] == list(model.card.features[2].deciles)
    assert sum(found["counts"]) == 150


def test_bounds_are_told_where_not_every_double_is_answered():
    tenure, charges, plan, *_ = told(Recorder(CHURN))["features"]
    assert (tenure["lowest"], "highest" in tenure) == (-1.0, False)
    assert (charges["lowest"], charges["highest"]) == (-CHURN.features[1].highest, CHURN.features[1].highest)
    assert "lowest" not in plan


def test_plotted_rows_hold_what_a_client_sends_and_null_for_a_category_that_was_not_kept():
    model = churn()[1]
    assert told(model)["plot_rows"] == [[None, "year", 50.5, True, 3.0, 1.0], [20.0, None, 50.5, False, 3.0, 0.0]]
    assert told(model)["example"] == [40.0, "year", 50.5, True, 3.0]


def test_a_regressor_has_no_classes(regressor):
    found = told(regressor)
    assert (found["task"], found["classes"]) == ("regression", [])


def test_it_says_which_of_the_other_paths_there_are(model):
    assert not told(model)["explains"]
    assert told(model, stored_explainer(model))["explains"]


@pytest.mark.parametrize("kind", ["iris", "churn", "many", "numbers"])
def test_it_follows_the_schema_in_the_document(kind, model, regressor):
    told_of = {"iris": model, "churn": churn()[1], "many": many_classes()[1], "numbers": regressor}[kind]
    Draft202012Validator(schema_of(ToldCard)).validate(told(told_of))


def test_the_document_which_may_be_open_shows_no_row_of_the_training_data_and_not_where_it_came_from(model):
    secret = replace(card(), plot_rows=((1.5, 2.5, 3.5, 4.75, 0.0),), provenance={"data": "/home/somebody"})
    text = asyncio.run(answer_of(gateway_of(Recorder(secret)), "GET", "/docs.json"))[2]
    assert b"/ui/card.json" in text
    assert b"4.75" not in text
    assert b"somebody" not in text
