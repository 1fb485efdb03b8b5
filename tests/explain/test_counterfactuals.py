"""A counterfactual is the nearest value of its feature that changes the class: none nearer does, and it does."""

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, OrdinalEncoder

from forest_serving.engines.compile import compile_forest, compile_model
from forest_serving.engines.tabulate import grids_of
from forest_serving.explain.candidates import Candidates
from forest_serving.explain.counterfactuals import MOST_CATEGORIES, Counterfactuals
from forest_serving.explain.table_lines import TableLines
from forest_serving.turns import at_once
from tests.support.churn import NUMBERS, TEXTS, churned, customers, pipeline
from tests.support.compiled import inputs_of
from tests.support.explained import rows_of


def iris(trees=None):
    """Return trees fitted to Iris."""
    return (trees or RandomForestClassifier(20, random_state=0)).fit(*load_iris(return_X_y=True))


def native():
    """Return boosted trees that know categories and gaps by themselves."""
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns = ColumnTransformer([("texts", encoder, TEXTS), ("numbers", "passthrough", NUMBERS)])
    trees = HistGradientBoostingClassifier(max_iter=20, categorical_features=[0, 1], random_state=0)
    return make_pipeline(columns, trees).fit(customers(), churned(customers()))


MODELS = {
    "a table": (iris, "auto", ()),
    "a forest": (iris, "forest", ()),
    "numbers that fall as the raw ones grow": (
        lambda: iris(make_pipeline(FunctionTransformer(np.negative), RandomForestClassifier(5, random_state=0))),
        "forest",
        (),
    ),
    "numbers in bins": (
        lambda: iris(make_pipeline(KBinsDiscretizer(5, encode="onehot-dense"), RandomForestClassifier(5))),
        "forest",
        (),
    ),
    "categories and gaps": (
        lambda: pipeline(RandomForestClassifier(20, random_state=0)).fit(customers(), churned(customers())),
        "forest",
        (1,),
    ),
    "boosted trees": (native, "forest", (1,)),
}


@pytest.fixture(scope="module", params=MODELS)
def asked(request):
    """Return a model's features, its engine, its forest, and what finds counterfactuals."""
    make, kind, missing = MODELS[request.param]
    inputs = inputs_of(make(), missing)
    engine, forest = compile_model(inputs, kind).engine, compile_forest(inputs)
    boundaries_of = Candidates(forest).of if kind == "forest" else lambda row: engine.boundaries
    return inputs.features, engine, forest, Counterfactuals(engine, inputs.features, boundaries_of)


def few_questions():
    """Return trees that ask so little of categories, numbers and gaps that all cells fit a table."""
    return pipeline(RandomForestClassifier(2, max_depth=3, random_state=0)).fit(customers(), churned(customers()))


def iris_with_gaps():
    """Return trees that have learned where to send a flower without a measure of its petal."""
    rows, labels = load_iris(return_X_y=True)
    rows[::5, 2], rows[::7, 3] = np.nan, np.nan
    return RandomForestClassifier(10, random_state=0).fit(rows, labels)


@pytest.mark.parametrize(("make", "missing"), [(iris, ()), (iris_with_gaps, (2, 3)), (few_questions, (1,))])
def test_the_cells_of_a_table_say_what_asking_it_says(make, missing):
    """Also where a value is missing, unknown, at a boundary, or half-way between two."""
    inputs = inputs_of(make(), missing)
    table, features = compile_model(inputs, "decision_table").engine, inputs.features
    lines, asked = TableLines(table, features), Counterfactuals(table, features, lambda row: table.boundaries)
    rows = np.concatenate([rows_of(features, 300), corners_of(table, features)])
    expected = [at_once(asked.find_in_turns(row)) for row in rows]
    assert at_once(lines.find_all_in_turns(rows)) == at_once(lines.find_all_in_turns(rows.tolist())) == expected
    assert any(expected)


def corners_of(table, features):
    """Return rows, each value of which is at a boundary, the double above it, or half-way between two."""
    rng, columns = np.random.default_rng(1), []
    for feature, ends in zip(features, table.boundaries, strict=True):
        among = np.concatenate([ends, np.nextafter(ends, np.inf), (ends[1:] + ends[:-1]) / 2, feature.deciles])
        codes = np.arange(float(len(feature.categories)))
        columns.append(rng.choice(codes if feature.categories else among, 300))
    return np.stack(columns, axis=1)


def nearest_by_search(feature, grid, classes_at, value):
    """Return the distance of the nearest value that changes the class, or infinity, by asking at every boundary."""
    middle = feature.deciles[5] if np.isnan(value) else value
    values = np.concatenate([grid, np.nextafter(grid, np.inf), [middle]])
    values = values[(values >= feature.lowest) & (values <= feature.highest)]
    changed = classes_at(values) != classes_at(np.array([value]))
    return np.abs(values - middle)[changed].min(initial=np.inf)


def test_none_is_nearer(asked):
    features, engine, forest, counterfactuals = asked
    grids = grids_of(forest, features)
    for row in rows_of(features, 10):
        found = {each.feature: each for each in at_once(counterfactuals.find_in_turns(row))}
        for i, feature in enumerate(features):
            if feature.categories:
                continue

            def classes_at(values, row=row, i=i):
                rows = np.tile(row, (len(values), 1))
                rows[:, i] = values
                return engine.classify(rows)

            expected = nearest_by_search(feature, grids[i], classes_at, row[i])
            middle = feature.deciles[5] if np.isnan(row[i]) else row[i]
            assert (abs(found[i].value - middle) if i in found else np.inf) == expected


def test_each_changes_the_class_to_what_it_says(asked):
    features, engine, _, counterfactuals = asked
    told = 0
    for row in rows_of(features, 10):
        for each in at_once(counterfactuals.find_in_turns(row)):
            changed, categories = row.copy(), features[each.feature].categories
            changed[each.feature] = categories.index(each.value) if categories else each.value
            assert engine.classify_one(changed.tolist()) == each.position != engine.classify_one(row.tolist())
            told += 1
    assert told


def test_all_categories_that_change_the_class_are_told_up_to_ten(asked):
    features, engine, _, counterfactuals = asked
    for row in rows_of(features, 10):
        found = at_once(counterfactuals.find_in_turns(row))
        for i, feature in enumerate(features):
            if feature.categories:
                rows = np.tile(row, (len(feature.categories), 1))
                rows[:, i] = np.arange(len(rows))
                changed = np.flatnonzero(engine.classify(rows) != engine.classify_one(row.tolist()))
                expected = [feature.categories[code] for code in changed][:MOST_CATEGORIES]
                assert [each.value for each in found if each.feature == i] == expected
