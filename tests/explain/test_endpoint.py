"""POST /explain: what stands in the reply, by rows and by id, and what is refused."""

import asyncio
import json

import msgspec
import numpy as np
import pytest

from tests.support.explained import stored_explainer
from tests.support.in_process import answer_of, gateway_of

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.0, 2.9, 4.5, 1.5], [6.5, 3.0, 5.5, 1.8]]


@pytest.fixture(scope="module")
def gateway(model):
    """Return a gateway that explains the Iris model's answers."""
    return gateway_of(model, explainer=stored_explainer(model))


def explained(gateway, rows, query=""):
    """Return the status and the reply to rows."""
    body = json.dumps({"instances": rows}).encode()
    status, _, reply = asyncio.run(answer_of(gateway, "POST", f"/explain{query}", body=body))
    return status, json.loads(reply)


def test_base_and_contributions_add_up_to_the_probabilities(gateway, model):
    _, reply = explained(gateway, ROWS)
    for row, explanation in zip(ROWS, reply["explanations"], strict=True):
        total = np.array(explanation["base"]) + np.sum(list(explanation["contributions"].values()), axis=0)
        assert np.abs(total - model.engine.predict_proba_one(row)).max() < 1e-12
    assert reply["explains"] == "probability"


def test_the_predictions_are_those_of_predict(gateway, model):
    _, reply = explained(gateway, ROWS)
    assert reply["predictions"] == model.engine.predict(np.array(ROWS)).tolist()


def test_a_counterfactual_is_answered_as_it_says(gateway, model):
    _, reply = explained(gateway, ROWS)
    told = [
        (row, each) for row, found in zip(ROWS, reply["explanations"], strict=True) for each in found["counterfactuals"]
    ]
    names = [feature.name for feature in model.card.features]
    for row, each in told:
        changed = [each["value"] if name == each["feature"] else value for name, value in zip(names, row, strict=True)]
        assert model.engine.predict_one(changed) == each["prediction"] != model.engine.predict_one(row)
    assert told


def test_many_rows_are_explained_as_one_is(gateway):
    many = explained(gateway, ROWS * 60)[1]["explanations"]
    assert many == explained(gateway, ROWS)[1]["explanations"] * 60


def test_counterfactuals_can_be_left_out(gateway):
    _, reply = explained(gateway, ROWS, "?counterfactuals=false")
    assert [explanation["counterfactuals"] for explanation in reply["explanations"]] == [[], [], []]


@pytest.mark.parametrize(
    ("rows", "query"),
    [([[1, 2, 3]], ""), ([["a", 2, 3, 4]], ""), (ROWS, "?counterfactuals=no"), (ROWS, "?counterfactuals=%C3%BC")],
)
def test_what_cannot_be_explained_is_refused_with_a_sentence(gateway, rows, query):
    status, reply = explained(gateway, rows, query)
    assert (status, reply["error"].endswith(".")) == (400, True)


def test_a_model_saved_by_older_software_says_to_save_it_again(model):
    card = msgspec.structs.replace(model.card, explanation_sha256="")
    model = type(model)(model.tag, card, model.engine)
    status, reply = explained(gateway_of(model, explainer=stored_explainer(model)), ROWS)
    assert status == 404
    assert reply["error"].endswith("save it again.")


def test_rows_by_id_are_explained_and_null_stands_for_unknown_ones(model):
    record = json.dumps(dict(zip([feature.name for feature in model.card.features], ROWS[0], strict=True))).encode()

    class Stored:
        def find(self, ids):
            return [record if id == "known" else None for id in ids]

    gateway = gateway_of(model, Stored(), stored_explainer(model))
    body = b'{"ids": ["unknown", "known"]}'
    _, _, reply = asyncio.run(answer_of(gateway, "POST", "/explain?missing=null", body=body))
    told, expected = json.loads(reply), explained(gateway, ROWS[:1])[1]
    assert told == {
        "predictions": [None, *expected["predictions"]],
        "explanations": [None, *expected["explanations"]],
        "explains": "probability",
    }
