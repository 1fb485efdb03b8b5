"""A row with two features of every value: each point is answered as a row by itself, to the bit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import is_classifier
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from forest_serving.engines import plane
from forest_serving.engines.forest import Forest
from forest_serving.engines.trees import take_trees
from forest_serving.turns import at_once
from tests.support.churn import TEXTS, churned, customers, pipeline
from tests.support.compiled import compiled
from tests.support.made_engines import Dice, made_columns, made_trees
from tests.support.turns import turns_s


def points(row, x, y):
    """Return every point of a plane as a row."""
    rows = np.tile(np.array(row, np.float64), (len(x[1]) * len(y[1]), 1))
    rows[:, x[0]], rows[:, y[0]] = np.tile(x[1], len(y[1])), np.repeat(y[1], len(x[1]))
    return rows


def check(engine, row, x, y):
    """Check that a plane is answered as its points are."""
    found, rows = at_once(engine.find_plane_in_turns(row, x, y)), engine.find(points(row, x, y))
    due = engine.positions_of(rows) if engine.is_classifier else engine.outputs_of(rows)
    assert np.array_equal(found, due.reshape(len(y[1]), len(x[1])))


def test_a_plane_is_answered_as_its_points_are(engine):
    check(engine, [5.0, 3.0, 1.4, 0.2], (3, np.linspace(0, 3, 40)), (1, np.linspace(5, 1, 30)))


@pytest.mark.parametrize("kind", ["decision_table", "forest"])
@pytest.mark.parametrize(
    "trees",
    [
        RandomForestRegressor(3, max_depth=3, random_state=0),
        GradientBoostingClassifier(n_estimators=2, max_depth=2, random_state=0),
        HistGradientBoostingRegressor(max_iter=3, max_leaf_nodes=4),
    ],
    ids=lambda trees: type(trees).__name__,
)
def test_categories_and_gaps_are_values_like_others(trees, kind):
    """A category's columns, one for each of its values, are in no order; the row has a gap."""
    table = customers()
    target = churned(table) if is_classifier(trees) else table["calls"]
    inputs = table.drop(columns="customer")
    engine = compiled(pipeline(trees).fit(inputs, target), kind, (0,))
    assert list(inputs) == ["age", "contract", "charge (EUR)", TEXTS[1], "calls"]
    row = [np.nan, 1.0, 50.0, 0.0, 3.0]
    check(engine, row, (1, np.arange(3.0)), (2, np.linspace(0, 100, 50)))
    check(engine, row, (4, np.linspace(9, 0, 20)), (1, np.arange(3.0)))


def test_many_categories_in_no_order_are_walked_point_by_point(monkeypatch):
    """Each question about one of 60 categories leaves others on both sides, so that a tree's parts would be many."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"place": [f"p{n % 60}" for n in range(3_000)], "size": rng.normal(size=3_000)})
    encoded = make_column_transformer((OneHotEncoder(), ["place"]), remainder="passthrough")
    trees = RandomForestRegressor(5, random_state=0, n_jobs=1)
    engine = compiled(make_pipeline(encoded, trees).fit(table, rng.normal(size=3_000)), "forest")
    axes = (0, np.arange(60.0)), (1, np.linspace(-3, 3, 100))
    monkeypatch.delattr(plane.Plane, "sums")  # which walks parts
    check(engine, [0.0, 0.0], *axes)
    check(engine, [0.0, 0.0], *axes[::-1])


@given(content=st.binary(min_size=8, max_size=60))
def test_forests_that_nobody_trained_are_no_exception(content):
    """Their columns have codes in any order, and their nodes lie anywhere."""
    dice = Dice(content)
    with np.errstate(all="ignore"):
        n_features = 2 + dice.below(3)
        columns = made_columns(dice, n_features)
        arrays = made_trees(dice, len(columns.feature), int(np.diff(columns.begin).max()) + 1)
        trees = take_trees(arrays | {"values": np.clip(arrays["values"], -1e9, 1e9)}, len(columns.feature))
        link, classes = ("softmax by row", np.arange(len(trees.base))) if len(trees.base) > 1 else ("value", [])
        forest = Forest(n_features, columns, trees, link, np.array(classes))
        check(forest, dice.doubles(n_features), (0, dice.doubles(12)), (1, dice.doubles(9)))


def test_a_large_plane_is_found_in_bands_and_turns(monkeypatch, walked):
    monkeypatch.setattr(plane, "_BAND_VALUES", 10)
    monkeypatch.setattr(plane, "_TURN_VALUES", 10)
    row, x, y = [5.0, 3.0, 1.4, 0.2], (2, np.linspace(0, 8, 40)), (3, np.linspace(0, 3, 30))
    check(walked, row, x, y)
    assert len(turns_s(walked.find_plane_in_turns(row, x, y))) > 20
