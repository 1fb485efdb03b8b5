"""Probabilities put together out of written answers are those that the model would write one by one."""

import msgspec
import numpy as np
import pytest

from forest_serving.models import json_texts as written_answers
from forest_serving.models.loaded_model import ServedModel


@pytest.fixture(params=[written_answers.MOST_ANSWERS, 1], ids=["written", "too many to be written"])
def either_model(model, request, monkeypatch):
    """Return a model whose distinct answers are written beforehand, and one that has too many."""
    monkeypatch.setattr(written_answers, "MOST_ANSWERS", request.param)
    return ServedModel(model.tag, model.engine, model.metadata)


@pytest.mark.parametrize("n_rows", [1, 11, 5000])
def test_json_is_byte_for_byte_that_of_the_plain_answer(either_model, n_rows):
    """Few rows as a list, as small bodies are read, and many as an array."""
    rows = np.random.default_rng(0).uniform(0, 8, (n_rows, 4))
    plain = msgspec.json.encode(either_model.predict_proba(rows.tolist()))
    assert either_model.predict_proba_json(rows) == plain


def test_every_answer_is_observed(either_model):
    """Metrics count what was asked and answered, whichever way the reply was made."""
    seen = []
    either_model.observe = lambda rows, labels: seen.append((len(rows), np.asarray(labels).tolist()))
    reply = msgspec.json.decode(either_model.predict_proba_json(np.random.default_rng(1).uniform(0, 8, (50, 4))))
    assert seen == [(50, reply["predictions"])]
