"""Contributions are Shapley's values of the columns that a client sends, whatever stands between them and the trees."""

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder

from tests.support.churn import FAMILIES, NUMBERS, TEXTS, churned, customers, pipeline, spent
from tests.support.explained import contributions_of, found_by, rows_of
from tests.support.shapley import Shapley

MODELS = {
    f"{family}, {kind}": (trees, target)
    for family, pair in FAMILIES.items()
    for kind, trees, target in zip(("classes", "numbers"), pair, (churned, spent), strict=True)
}


def check(model, missing=(), kind="auto", n_rows=12):
    """Compare base and contributions with the definition."""
    oracle = Shapley(model, missing)
    contributions, _ = contributions_of(oracle.inputs, kind)
    rows = rows_of(oracle.inputs.features, n_rows)
    for row, found in zip(rows, found_by(contributions, rows), strict=True):
        base, expected = oracle.explain(row)
        assert np.abs(found[:, -expected.shape[1] :] - expected).max() < 1e-12 * max(1, np.abs(expected).max())
        assert np.abs(contributions.base - base).max() < 1e-12 * max(1, np.abs(base).max())


@pytest.mark.parametrize("name", MODELS)
def test_one_hot_columns_scalers_and_gaps_are_explained_in_the_columns_of_the_table(name):
    trees, target = MODELS[name]
    table = customers()
    check(pipeline(trees).fit(table, target(table)), missing=(1,))


@pytest.mark.parametrize("kind", ["decision_table", "forest"])
def test_a_table_and_a_forest_explain_alike(kind):
    X, y = load_iris(return_X_y=True)  # noqa: N806
    check(RandomForestClassifier(5, random_state=0).fit(X, y), kind=kind)


def test_categories_that_the_trees_know_by_themselves_and_gaps_are_explained():
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns = ColumnTransformer([("texts", encoder, TEXTS), ("numbers", "passthrough", NUMBERS)])
    trees = HistGradientBoostingClassifier(max_iter=5, categorical_features=[0, 1], random_state=0)
    table = customers()
    check(make_pipeline(columns, trees).fit(table, churned(table)), missing=(1,))


def test_what_falls_as_a_number_grows_is_explained():
    X, y = load_iris(return_X_y=True)  # noqa: N806
    check(make_pipeline(FunctionTransformer(np.negative), RandomForestClassifier(5, random_state=0)).fit(X, y))


def test_weights_of_training_rows_count():
    X, y = load_iris(return_X_y=True)  # noqa: N806
    weights = np.random.default_rng(0).gamma(0.1, 10, len(y))
    check(RandomForestRegressor(5, random_state=0).fit(X, y, sample_weight=weights))


def test_three_classes_of_rows_with_as_many_features_as_a_path_can_have():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 9))  # noqa: N806
    y = (X.sum(axis=1) > 0).astype(int) + (X[:, 0] > 1)
    check(RandomForestClassifier(2, max_features=1, random_state=0).fit(X, y), n_rows=4)
