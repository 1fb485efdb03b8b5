"""A loaded model answers as the scikit-learn model does, whatever its labels are and however many rows come."""

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier

from forest_serving.card import Category
from forest_serving.models.loaded_model import LoadedModel
from tests.support.cards import card, feature
from tests.support.compiled import compiled

WINE = load_wine()
LABELS = {
    "positions": np.array([0, 1, 2]),
    "numbers": np.array([3, 1, 7]),
    "floats": np.array([3.0, 1.0, 7.0]),
    "text": np.array(["barolo", "grignolino, dry", 'the "third"']),
    "booleans": np.array([True, False, True]),
}


def labelled(labels, n_trees=30):
    """Return a forest of wines with these labels, and the model that was compiled from it."""
    forest = RandomForestClassifier(n_trees, random_state=0, n_jobs=1).fit(WINE.data, labels[WINE.target])
    features = tuple(feature(f"column_{i}", low=low, high=high) for i, (low, high) in enumerate(RANGES))
    classes = tuple(Category(label=label, name=str(label)) for label in forest.classes_.tolist())
    return forest, LoadedModel("wine_compiled:v1", card("wine", features, classes), compiled(forest))


RANGES = list(zip(WINE.data.min(axis=0).tolist(), WINE.data.max(axis=0).tolist(), strict=True))


@pytest.fixture(scope="module", params=LABELS)
def pair(request):
    """Return a forest and its model, for each kind of labels."""
    return labelled(LABELS[request.param])


@pytest.mark.parametrize("n_rows", [1, 10, len(WINE.data)])
def test_predictions_are_what_model_predict_returns(pair, n_rows):
    """With the same types: JSON tells 1 from 1.0 and from true."""
    forest, model = pair
    rows, expected = WINE.data[:n_rows], forest.predict(WINE.data[:n_rows]).tolist()
    for form in (rows, rows.tolist()):
        found = list(model.answer(form).predictions())
        assert found == expected
        assert list(map(type, found)) == list(map(type, expected))


def test_arrays_of_predictions_have_numpys_own_types(pair):
    forest, model = pair
    found = model.answer(WINE.data).prediction_array()
    assert (found == forest.predict(WINE.data)).all()
    assert found.dtype.kind == forest.classes_.dtype.kind


def test_names_and_probabilities_are_the_forests(pair):
    forest, model = pair
    answers = model.answer(WINE.data, with_probabilities=True)
    assert np.array_equal(answers.probabilities(), forest.predict_proba(WINE.data))
    assert answers.names() == list(map(str, forest.predict(WINE.data).tolist()))
