"""GET /model says what a model is: its task, and which values each column takes."""

import json

import msgspec
import pytest

from forest_serving.card import LARGEST, Feature
from forest_serving.models.description import describe, facts
from tests.support.cards import YES_NO, card, feature

AGE = feature("age", "Age", "years", 18, 90, lowest=-LARGEST, highest=LARGEST)
CITY = Feature(name="city", spellings=("City",), categories=("Bonn", "Köln"), takes_missing=True, takes_unknown=True)
CHURN = card("churn", (AGE, CITY), YES_NO, example=(33.0, None), report={"accuracy": 0.91})
PRICE = card("price", (AGE, CITY), (), example=(33.0, "Bonn"))


def test_a_classifier_names_its_classes_and_a_regressor_has_none():
    found = describe("churn_compiled:v1", CHURN)
    assert (found["task"], found["classes"], found["class_labels"]) == ("classification", *[["no", "yes, soon"]] * 2)
    found = describe("price_compiled:v1", PRICE)
    assert (found["task"], found.keys() & {"classes", "class_labels"}) == ("regression", set())


def test_a_number_has_a_unit_and_a_range_and_a_category_its_values():
    numbers = {"name": "age", "column": "Age", "unit": "years", "training_range": [18.0, 90.0], "takes_missing": False}
    city = {"name": "city", "column": "City", "categories": ["Bonn", "Köln"], "takes_unknown": True}
    assert describe("x:v1", CHURN)["features"] == [numbers, city | {"takes_missing": True}]


@pytest.mark.parametrize("bounds", [{}, {"lowest": -1.0}, {"highest": 3.4e38}, {"lowest": 0.0, "highest": 1e300}])
def test_bounds_are_told_where_not_every_number_is_answered(bounds):
    bounded = card("price", (msgspec.structs.replace(AGE, **bounds),), ())
    (found,) = describe("x:v1", bounded)["features"]
    assert {name: found[name] for name in found.keys() & {"lowest", "highest"}} == bounds


@pytest.mark.parametrize(("walk", "told"), [("native", {"walk": "native"}), ("numpy", {"walk": "numpy"}), ("", {})])
def test_it_says_what_walks_the_trees_where_there_is_a_choice(walk, told):
    found = describe("x:v1", CHURN, walk)
    assert {name: found[name] for name in found.keys() & {"walk"}} == told


def test_it_is_json(model, regressor):
    for each in (model, regressor):
        assert json.loads(msgspec.json.encode(each.describe())) == each.describe()


def test_only_a_classifiers_metrics_tell_an_accuracy():
    assert facts("x:v1", CHURN)["accuracy"] == "0.91"
    assert "accuracy" not in facts("x:v1", PRICE)
