"""The contract that BentoML publishes is made from the model's card: types of labels, names, numbers of features."""

import bentoml
import pytest
from sklearn.ensemble import RandomForestClassifier

from forest_serving.host import serving
from forest_serving.host.model_choice import ModelChoice
from forest_serving.host.typed_api import predictions_of, probabilities_of, request_of
from forest_serving.models.store import Stored
from forest_serving.settings import read_settings
from tests.support.models import CULTIVARS, LABELS, ROWS, TARGET, card_of, forest_of
from tests.support.regression import regression_card


@pytest.fixture(params=list(LABELS))
def card(request):
    """Return the card of a forest."""
    return card_of("wine", forest_of(request.param))


def test_rows_have_as_many_numbers_as_the_model_has_features(card):
    row = request_of(card).model_json_schema()["properties"]["instances"]["items"]
    assert (row["minItems"], row["maxItems"]) == (13, 13)


def test_rows_are_read_as_everywhere(card):
    assert request_of(card)(instances=[list(card.example)]).instances == [list(card.example)]


@pytest.mark.parametrize(
    ("labels", "type_"),
    [(TARGET, "integer"), (TARGET.astype(float), "number"), (TARGET == 1, "boolean"), (CULTIVARS[TARGET], "string")],
    ids=["int", "float", "bool", "text"],
)
def test_predictions_are_of_the_labels_own_type(labels, type_):
    card = card_of("wine", RandomForestClassifier(2, random_state=0).fit(ROWS, labels))
    schema = predictions_of(card).model_json_schema()["properties"]["predictions"]
    assert schema["items"] == {"type": type_}
    given = predictions_of(card)({"predictions": card.labels}).model_dump()["predictions"]
    assert [(type(label), label) for label in given] == [(type(label), label) for label in card.labels]


def test_probabilities_name_the_models_classes(card):
    described = probabilities_of(card).model_json_schema()["properties"]["probabilities"]["description"]
    assert ", ".join(card.class_names) in described


def test_a_regressor_predicts_numbers():
    described = predictions_of(regression_card())
    assert described.model_json_schema()["properties"]["predictions"]["items"] == {"type": "number"}
    assert described({"predictions": [3.25]}).model_dump()["predictions"] == [3.25]


def service_of(card):
    """Return a service with both methods, as service.py has them, of a model with this card."""
    choice = ModelChoice(Stored(f"{card.name}_compiled:v1", card), read_settings({}))

    @bentoml.service
    class Served(serving.Served, model=choice):
        @bentoml.api(input_spec=choice.Request, output_spec=choice.Predictions)
        def predict(self, instances):
            return instances

        @bentoml.api(input_spec=choice.Request, output_spec=choice.Probabilities)
        def predict_proba(self, instances):
            return instances

    return Served


def test_the_contract_of_a_regressor_does_not_offer_probabilities(card):
    def offered(card):
        return [route["name"] for route in service_of(card).schema()["routes"]]

    assert offered(card) == ["predict", "predict_proba"]
    assert offered(regression_card()) == ["predict"]
