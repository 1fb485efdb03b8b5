"""Base and contributions add up to the answer, always."""

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.datasets import make_regression
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeRegressor

from tests.support.compiled import inputs_of
from tests.support.explained import contributions_of, found_by, sums_of
from tests.support.forests import trained_forests


def check(contributions, found, sums):
    """Check the promise: to 1e-12 × max(1, |base| + Σ|contributions|)."""
    scale = np.maximum(1, np.abs(contributions.base) + np.abs(found).sum(axis=1))
    assert (np.abs(contributions.base + found.sum(axis=1) - sums) <= 1e-12 * scale).all()


@given(trained_forests())
@settings(max_examples=30, deadline=None)
def test_of_any_forest(trained):
    contributions, engine = contributions_of(inputs_of(trained.forest))
    found = found_by(contributions, trained.rows)
    check(contributions, found, sums_of(engine, contributions.explains, trained.rows))


@pytest.mark.parametrize("size", [1e-9, 1, 1e9, 1e30])
@pytest.mark.parametrize(
    "trees",
    [
        DecisionTreeRegressor(),
        RandomForestRegressor(5, random_state=0),
        GradientBoostingRegressor(n_estimators=20, learning_rate=1.9),
        HistGradientBoostingRegressor(max_iter=20, learning_rate=1.9),
    ],
)
def test_of_values_that_cancel_one_another(trees, size):
    X, y = make_regression(300, 6, random_state=0)  # noqa: N806
    model = trees.fit(X, np.where(y > 0, size, -size))
    contributions, engine = contributions_of(inputs_of(model), "forest")
    check(contributions, found_by(contributions, X), sums_of(engine, contributions.explains, X))


def test_a_raw_score_is_what_scikit_learn_decides_by():
    X, y = make_regression(300, 6, random_state=0)  # noqa: N806
    model = HistGradientBoostingClassifier(max_iter=20).fit(X, y > 0)
    contributions, _ = contributions_of(inputs_of(model))
    check(contributions, found_by(contributions, X), model.decision_function(X)[:, np.newaxis])


@pytest.mark.parametrize("n", [1, 2, 150])
def test_of_a_tree_as_deep_as_it_has_rows(n):
    """Each split cuts one row off, each by another feature: a path with more features than twice the points."""
    X = np.eye(n)  # noqa: N806
    model = DecisionTreeRegressor(random_state=0).fit(X, np.arange(float(n)))
    contributions, engine = contributions_of(inputs_of(model), "forest")
    check(contributions, found_by(contributions, X), sums_of(engine, contributions.explains, X))
