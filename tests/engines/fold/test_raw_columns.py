"""Of X, a model uses the columns that reach its trees, however they were picked."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_selection import SelectFromModel, SelectKBest, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, OrdinalEncoder, StandardScaler

from forest_serving.engines.fold import raw_columns
from tests.engines.fold.pipelines import fold_of, folded, given_to_trees, rows_of, same

RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "size": RNG.normal(size=60),
        "kind": RNG.choice(["a", "b", "c"], 60),
        "weight": RNG.lognormal(size=60),
        "note": ["nobody reads this"] * 60,
        "flag": RNG.random(60) < 0.5,
        "constant": np.ones(60),
    }
)
NUMBERS = TABLE[["size", "weight", "constant"]]
FOREST = RandomForestClassifier(2, random_state=0)


def used(model, rows=TABLE):
    """Return what a fitted model uses, once its fold was found to be exact."""
    fitted = fold_of(model, rows)
    edges = rows_of(fitted.inputs)
    assert same(folded(fitted.inputs, edges), given_to_trees(fitted.model, fitted.inputs.frame(edges)))
    return [column.name or column.position for column in raw_columns(fitted.model)]


@pytest.mark.parametrize(
    "columns",
    [
        ["weight", "size"],
        [2, 0],
        [-4, -6],
        slice(0, 3, 2),
        slice("size", "size"),
        [True, False, True, False, False, False],
        make_column_selector("size|weight"),
        make_column_selector(dtype_include="float"),
    ],
)
def test_columns_are_picked_by_name_place_slice_mask_or_selector(columns):
    picked = used(make_pipeline(ColumnTransformer([("picked", StandardScaler(), columns)]), FOREST))
    assert picked[0] == "size"
    assert {"kind", "note", "flag"}.isdisjoint(picked)


def test_what_is_dropped_is_not_used_and_the_whole_model_is_asked_with_something_harmless():
    columns = make_column_transformer(
        (StandardScaler(), ["weight"]), ("drop", ["note", "kind"]), remainder="passthrough"
    )
    assert used(make_pipeline(columns, FOREST)) == ["size", "weight", "flag", "constant"]


@pytest.mark.parametrize("selector", [VarianceThreshold(), SelectKBest(k=2), SelectFromModel(FOREST, max_features=2)])
def test_what_a_selector_leaves_out_is_not_used(selector):
    assert used(make_pipeline(SimpleImputer(), selector, FOREST), NUMBERS) == ["size", "weight"]


@pytest.mark.parametrize(
    "model",
    [
        FOREST,
        HistGradientBoostingClassifier(max_iter=2),
        Pipeline([("trees", FOREST)]),
        Pipeline([("nothing", "passthrough"), ("nothing else", None), ("trees", FOREST)]),
        make_pipeline(make_pipeline("passthrough", StandardScaler()), FOREST),
        make_pipeline(make_union("passthrough", StandardScaler()), FOREST),
        make_pipeline(make_union(StandardScaler(), "drop", make_pipeline(SimpleImputer())), FOREST),
        GridSearchCV(make_pipeline(StandardScaler(), FOREST), {"standardscaler__with_mean": [False]}, cv=2),
        make_pipeline(StandardScaler(), GridSearchCV(FOREST, {"max_depth": [2]}, cv=2)),
        make_pipeline(KBinsDiscretizer(3, strategy="uniform", encode="onehot"), FOREST),
    ],
)
def test_all_columns_are_used_where_none_is_picked(model):
    assert used(model, NUMBERS) == ["size", "weight", "constant"]
    assert used(model, NUMBERS.to_numpy()) == [0, 1, 2]


@pytest.mark.parametrize("output", ["default", "pandas"])
def test_tables_between_steps_change_nothing(output):
    numbers = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    columns = make_column_transformer(
        (numbers, ["weight", "size"]),
        (OneHotEncoder(sparse_output=False, dtype=np.float32), ["kind"]),
        (OrdinalEncoder(dtype=np.int16), ["flag", "kind"]),
        verbose_feature_names_out=False,
    ).set_output(transform=output)
    narrower = make_column_transformer((StandardScaler(), slice(0, 4)), remainder=StandardScaler())
    assert used(make_pipeline(columns, narrower, FOREST).set_output(transform=output)) == [
        "size",
        "kind",
        "weight",
        "flag",
    ]


def test_an_array_of_text_is_asked_with_text():
    assert used(make_pipeline(OneHotEncoder(), FOREST), TABLE[["kind", "note"]].to_numpy(str)) == [0, 1]


def test_a_number_that_marks_gaps_is_filled_in_and_its_neighbours_are_not():
    rows = np.where(RNG.random((60, 1)) < 0.3, -1.0, RNG.normal(size=(60, 1)))
    fitted = fold_of(make_pipeline(SimpleImputer(missing_values=-1, strategy="median"), FOREST), rows)
    (column,) = fitted.inputs.columns
    before, after = np.nextafter(-1, -2), np.nextafter(-1, 0)
    assert column.cuts.tolist() == [before, -1]
    assert column.evaluate(np.array([before, -1, after])).tolist() == [before, np.median(rows[rows != -1]), after]


def test_a_number_on_the_edge_of_a_bin_is_in_the_upper_one():
    rows = np.arange(61.0)[:, np.newaxis]
    fitted = fold_of(make_pipeline(KBinsDiscretizer(3, strategy="uniform", encode="onehot"), FOREST), rows)
    assert fitted.inputs.columns[0].cuts.tolist() == [np.nextafter(20, 0), np.nextafter(40, 0)]
    assert [column.evaluate(np.array([20.0]))[0] for column in fitted.inputs.columns] == [0, 1, 0]


def test_no_rows_are_no_values():
    fitted = fold_of(make_pipeline(StandardScaler(), FOREST), NUMBERS)
    assert fitted.inputs.columns[0].evaluate(np.empty(0)).shape == (0,)
