"""Probabilities put together out of written answers are those that the model would write one by one."""

import msgspec
import numpy as np
import pytest

from forest_serving.models import table_answers
from forest_serving.models.answers import Categories
from forest_serving.models.loaded_model import LoadedModel
from forest_serving.models.table_answers import answers_from_table


@pytest.fixture(params=[table_answers.MOST_VALUES, 1], ids=["written", "too many to be written"])
def either_model(model, request, monkeypatch):
    """Return a model whose distinct answers are written beforehand, and one that has too many."""
    monkeypatch.setattr(table_answers, "MOST_VALUES", request.param)
    return LoadedModel(model.tag, model.card, model.engine)


def test_of_many_classes_fewer_answers_are_written(model, monkeypatch):
    """What they take depends on rows × classes."""
    n_answers = len(model.engine.outputs)
    assert n_answers > 1
    monkeypatch.setattr(table_answers, "MOST_VALUES", 3 * n_answers)
    assert answers_from_table(model.engine, Categories(model.card))
    monkeypatch.setattr(table_answers, "MOST_VALUES", 3 * n_answers - 1)
    assert answers_from_table(model.engine, Categories(model.card)) is None


@pytest.mark.parametrize("n_rows", [1, 10, 5000])
def test_json_is_byte_for_byte_that_of_the_plain_answers(either_model, n_rows):
    """Few rows as a list, as small bodies are read, and many as an array."""
    rows = np.random.default_rng(0).uniform(0, 8, (n_rows, 4))
    answers = either_model.answer(rows, with_probabilities=True)
    one_by_one = either_model.answer(rows.tolist(), with_probabilities=True)
    for each in (answers, one_by_one):
        assert each.predictions_json() == msgspec.json.encode(one_by_one.predictions())
        assert each.names_json() == msgspec.json.encode(one_by_one.names())
        assert b"[%b]" % each.probabilities_json() == msgspec.json.encode(one_by_one.probabilities())
