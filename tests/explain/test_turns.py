"""Explaining many rows of a forest, or one of a large forest, leaves others their turn."""

import asyncio
import json

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from forest_serving.engines.compile import compile_model
from forest_serving.explain.explainer import Explainer
from forest_serving.explain.saving import explanation_of
from forest_serving.models.loaded_model import LoadedModel
from tests.support.cards import YES_NO, card
from tests.support.compiled import inputs_of
from tests.support.in_process import answer_of, gateway_of
from tests.support.turns import turns_s

X, Y = make_classification(3_000, 8, n_informative=6, random_state=0)


@pytest.fixture(scope="module")
def large():
    """Return a model of some 40,000 nodes, and what explains it, which has not read its file."""
    inputs = inputs_of(RandomForestClassifier(100, random_state=0).fit(X, Y))
    engine = compile_model(inputs, "forest").engine
    file = explanation_of(inputs, engine)
    described = card("large", inputs.features, YES_NO, example=(0.0,) * 8, explanation_sha256="0" * 64)
    return LoadedModel("large_compiled:v1", described, engine), Explainer(described, engine, lambda: file)


def test_no_turn_is_long(large):
    _, explainer = large
    explainer.load()
    turns = turns_s(explainer.explain_in_turns(X[:50]))
    assert len(turns) > 50
    assert np.median(turns) < 0.005


def test_the_first_request_waits_for_the_file_and_is_answered(large):
    model, explainer = large
    unread = Explainer(model.card, model.engine, explainer._read)
    gateway = gateway_of(model, explainer=unread)
    body = json.dumps({"instances": X[:2].tolist()}).encode()
    status, _, reply = asyncio.run(answer_of(gateway, "POST", "/explain", body=body))
    assert (status, len(json.loads(reply)["explanations"])) == (200, 2)
    assert unread.is_loaded
