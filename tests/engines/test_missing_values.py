"""A missing value goes where scikit-learn sends it, in the columns that take gaps."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier

from tests.support.compiled import compiled, proved
from tests.support.forests import bits

GAPS = [[np.nan], [np.nan], [1.0], [2.0]]  # where the label is told by whether there is a number
CLASSIFIERS = [
    RandomForestClassifier(20, random_state=0),
    ExtraTreesClassifier(20, random_state=0),
    DecisionTreeClassifier(random_state=0),
    HistGradientBoostingClassifier(max_iter=10),
]
REGRESSORS = [RandomForestRegressor(10, random_state=0), HistGradientBoostingRegressor(max_iter=10)]


def with_gaps(rows, share, seed=0):
    return np.where(np.random.default_rng(seed).random(rows.shape) < share, np.nan, rows)


@pytest.mark.parametrize("share", [0.02, 0.3])
@pytest.mark.parametrize("model", CLASSIFIERS, ids=lambda model: type(model).__name__)
def test_a_classifier_fitted_with_gaps_is_answered_for_to_the_bit(model, share):
    rows, labels = load_breast_cancer(return_X_y=True)
    model.fit(with_gaps(rows, share), labels)
    engine, asked = compiled(model, "forest", tuple(range(30))), with_gaps(rows, share, seed=1)
    assert proved(engine, model, tuple(range(30)))
    assert np.array_equal(bits(engine.predict_proba(asked)), bits(model.predict_proba(asked)))
    assert [engine.predict_one(row) for row in asked[:100].tolist()] == model.predict(asked[:100]).tolist()


@pytest.mark.parametrize("model", REGRESSORS, ids=lambda model: type(model).__name__)
def test_a_regressor_fitted_with_gaps_is_answered_for_to_the_bit(model):
    rows, target = load_diabetes(return_X_y=True)
    model.fit(with_gaps(rows, 0.1), target)
    engine, asked = compiled(model, "forest", tuple(range(10))), with_gaps(rows, 0.1, seed=1)
    assert np.array_equal(bits(engine.predict(asked)), bits(model.predict(asked)))


def test_whether_there_is_a_number_can_be_all_that_counts(kind):
    forest = RandomForestClassifier(2, bootstrap=False, random_state=0).fit(GAPS, [0, 0, 1, 1])
    engine = compiled(forest, kind, (0,))
    assert proved(engine, forest, (0,))
    assert engine.predict(np.array([[np.nan], [-1e38], [1.5]])).tolist() == [0, 1, 1]


def test_a_column_with_gaps_that_no_tree_saw_in_training_follows_the_trees_all_the_same(kind):
    """scikit-learn notes for every split where gaps would go, by the number of rows on either side."""
    rows = np.random.default_rng(0).normal(size=(60, 3))
    first_gap = np.where(np.arange(180).reshape(60, 3) == 0, np.nan, rows)
    forest = RandomForestClassifier(3, max_depth=2, random_state=0).fit(first_gap, np.arange(60) % 3)
    engine, asked = compiled(forest, kind, (0, 1, 2)), with_gaps(rows, 0.3)
    assert np.array_equal(bits(engine.predict_proba(asked)), bits(forest.predict_proba(asked)))
