"""What a card keeps of the model's answers, to compare later ones with."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_wine
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from forest_serving.engines.compile import compile_model
from forest_serving.engines.fold import fold
from forest_serving.training.given_sample import given_sample
from forest_serving.training.model_answers import model_answers

WINE, DIABETES = load_wine(return_X_y=True), load_diabetes(return_X_y=True)


def answers(model, rows, new_rows=None):
    """Return what is kept of a fitted model's answers to rows, and to others that it has not learned."""
    sample = given_sample(model, rows, None, (), None)
    inputs = fold(model, sample.features)
    engine, _ = compile_model(inputs, "forest")
    return model_answers(model, inputs, engine, sample.rows, new_rows)


def test_the_classes_that_a_classifier_answers_with_are_counted():
    forest = RandomForestClassifier(20, random_state=0).fit(*WINE)
    assert answers(forest, WINE[0]).counts == tuple(np.bincount(forest.predict(WINE[0])).tolist())


def test_a_regressor_s_answers_are_counted_between_their_deciles():
    forest = RandomForestRegressor(20, random_state=0).fit(*DIABETES)
    found = answers(forest, DIABETES[0])
    np.testing.assert_allclose(found.deciles, np.quantile(forest.predict(DIABETES[0]), np.linspace(0, 1, 11)))
    assert sum(found.counts) == len(DIABETES[0])
    assert max(found.counts) - min(found.counts) <= 3


@pytest.mark.parametrize("is_behind_a_scaler", [False, True])
def test_a_forest_is_asked_for_rows_that_its_trees_did_not_draw(is_behind_a_scaler):
    """The oracle is scikit-learn's own estimate out of the bag."""
    forest = RandomForestClassifier(30, oob_score=True, random_state=0)
    model = make_pipeline(StandardScaler(), forest) if is_behind_a_scaler else forest
    model.fit(*WINE)
    expected = np.bincount(forest.oob_decision_function_.argmax(axis=1), minlength=3)
    assert answers(model, WINE[0]).unseen_counts == tuple(expected.tolist())


def test_a_forest_of_numbers_is_less_sure_of_rows_that_it_did_not_learn():
    forest = RandomForestRegressor(50, oob_score=True, random_state=0).fit(*DIABETES)
    found = answers(forest, DIABETES[0])
    expected = np.searchsorted(found.deciles[1:-1], forest.oob_prediction_)
    assert found.unseen_counts == tuple(np.bincount(expected, minlength=10).tolist())
    assert found.unseen_counts[0] < found.counts[0]


@pytest.mark.parametrize(
    ("model", "rows"),
    [
        (RandomForestRegressor(5, random_state=0), DIABETES[0][:100]),
        (RandomForestRegressor(5, bootstrap=False, random_state=0), DIABETES[0]),
        (GradientBoostingRegressor(n_estimators=5, random_state=0), DIABETES[0]),
    ],
    ids=["some of its rows", "all rows for each tree", "boosting"],
)
def test_where_nobody_knows_what_a_tree_drew_nothing_is_said_of_it(model, rows):
    assert answers(model.fit(*DIABETES), rows).unseen_counts == ()


def test_boosting_is_asked_for_the_rows_of_a_test():
    (rows, target), new = (each[:240] for each in DIABETES), DIABETES[0][240:]
    found = answers(model := GradientBoostingRegressor(random_state=0).fit(rows, target), rows, new)
    expected = np.searchsorted(found.deciles[1:-1], model.predict(new))
    assert found.unseen_counts == tuple(np.bincount(expected, minlength=10).tolist())
    assert answers(model, rows, new[:100]).unseen_counts == ()
