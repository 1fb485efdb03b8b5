"""Categories are what encoders know, and what HistGradientBoosting knows by itself."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from forest_serving.engines.fold import RawColumn, raw_columns
from tests.engines.fold.pipelines import fold_of, folded, given_to_trees, rows_of, same

RNG = np.random.default_rng(0)
SIZES, PORTS = RNG.normal(size=90), RNG.choice(["north", "south", None], 90)
CODES = RNG.integers(3, 7, 90).astype(float)
CODES_WITH_GAPS = np.where(RNG.random(90) < 0.2, np.nan, CODES)
TABLE = pd.DataFrame({"size": SIZES, "port": pd.Series(PORTS, dtype=object), "code": CODES_WITH_GAPS})
ARRAY = np.stack([SIZES, CODES_WITH_GAPS, CODES], axis=1)
FROM_DTYPE = TABLE.assign(port=TABLE.port.astype("category"), code=TABLE.code.astype("category"))


def boosted(categories, kind=HistGradientBoostingClassifier):
    return kind(max_iter=3, categorical_features=categories, min_samples_leaf=2, random_state=0)


def is_exact(fitted):
    rows = rows_of(fitted.inputs)
    return same(folded(fitted.inputs, rows), given_to_trees(fitted.model, fitted.inputs.frame(rows)))


@pytest.mark.parametrize(
    ("categories", "rows"),
    [
        ([False, True, True], ARRAY),
        ([1, 2], ARRAY),
        (["port", "code"], TABLE),
        ([1, 2], TABLE),
        ("from_dtype", FROM_DTYPE),
        (["port", "code"], FROM_DTYPE),
    ],
)
@pytest.mark.parametrize("kind", [HistGradientBoostingClassifier, HistGradientBoostingRegressor])
def test_categories_of_boosted_trees_become_the_codes_that_the_trees_see(kind, categories, rows):
    fitted = fold_of(boosted(categories, kind), rows)
    columns = raw_columns(fitted.model)
    assert [column.categories is None for column in columns] == [True, False, False]
    assert columns[2].categories == (3.0, 4.0, 5.0, 6.0)
    assert all(column.takes_missing for column in columns)
    assert [column.takes_unknown for column in columns] == [False, True, True]
    assert [column.feature for column in fitted.inputs.columns] == [1, 2, 0]
    assert is_exact(fitted)


def test_an_unknown_category_is_missing_to_boosted_trees():
    fitted = fold_of(boosted("from_dtype"), FROM_DTYPE)
    codes = fitted.inputs.columns[0].evaluate(np.array([-1.0, 0.0, 1.0, np.nan]))
    assert np.array_equal(codes, [np.nan, 0, 1, np.nan], equal_nan=True)


def test_codes_round_up_to_the_next():
    fitted = fold_of(boosted("from_dtype"), FROM_DTYPE)
    port = fitted.inputs.columns[0]
    assert port.cuts.tolist() == [-1, 0, 1]
    assert port.evaluate(np.array([-0.9, 0.0, 0.1, 1.0, 9.0])).tolist() == [0, 0, 1, 1, 1]


def test_categories_behind_an_encoder_are_those_in_front_of_it():
    encoded = make_column_transformer((OrdinalEncoder(), ["port"]), remainder="passthrough")
    fitted = fold_of(make_pipeline(encoded, boosted([0])), TABLE)
    assert raw_columns(fitted.model)[1].categories == ("north", "south")
    assert is_exact(fitted)


@pytest.mark.parametrize(
    ("encoder", "column"),
    [
        (OneHotEncoder(), RawColumn(1, "port", ("north", "south"), takes_unknown=False, takes_missing=True)),
        (
            OneHotEncoder(handle_unknown="ignore"),
            RawColumn(1, "port", ("north", "south"), takes_unknown=True, takes_missing=True),
        ),
        (
            make_pipeline(SimpleImputer(missing_values=None, strategy="constant", fill_value="?"), OrdinalEncoder()),
            RawColumn(1, "port", ("?", "north", "south"), takes_unknown=False, takes_missing=True),
        ),
    ],
)
def test_what_is_missing_is_no_category(encoder, column):
    """None in the training data is what a gap in a request becomes; NaN would be something else to the encoder."""
    fitted = fold_of(make_pipeline(make_column_transformer((encoder, ["port"])), RandomForestClassifier(2)), TABLE)
    assert raw_columns(fitted.model) == [column]
    assert fitted.inputs.frame(np.array([[np.nan]])).port[0] is None
    assert is_exact(fitted)


def test_a_mark_for_gaps_is_a_category_that_may_be_sent():
    table = TABLE.assign(port=TABLE.port.fillna("?"))
    encoder = make_pipeline(SimpleImputer(missing_values="?", strategy="most_frequent"), OneHotEncoder())
    fitted = fold_of(make_pipeline(make_column_transformer((encoder, ["port"])), RandomForestClassifier(2)), table)
    (column,) = raw_columns(fitted.model)
    assert set(column.categories) == {"?", "north", "south"}
    assert not column.takes_missing
    assert is_exact(fitted)


@pytest.mark.parametrize("kind", [bool, int, float, object, "str"])
def test_categories_have_the_type_that_they_had_in_training(kind):
    values = np.arange(90) % 2
    port = np.where(values, "a", "b") if kind == "str" else values
    table = pd.DataFrame({"code": pd.Series(port).astype(kind), "size": SIZES})
    fitted = fold_of(
        make_pipeline(make_column_transformer((OneHotEncoder(), ["code"])), RandomForestClassifier(2)), table
    )
    (column,) = raw_columns(fitted.model)
    expected = {bool: (False, True), int: (0, 1), float: (0.0, 1.0), object: (0, 1), "str": ("a", "b")}[kind]
    assert [(type(label), label) for label in column.categories] == [(type(label), label) for label in expected]
    assert is_exact(fitted)


def test_numbers_that_one_step_knows_and_another_counts_with_are_numbers():
    both = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["code"]), (StandardScaler(), ["code"]))
    fitted = fold_of(make_pipeline(both, RandomForestClassifier(2)), TABLE)
    (column,) = raw_columns(fitted.model)
    assert column.categories is None
    assert is_exact(fitted)


def test_numbers_that_one_step_insists_on_are_categories():
    both = make_column_transformer((OneHotEncoder(), ["code"]), (StandardScaler(), ["code"]))
    fitted = fold_of(make_pipeline(both, RandomForestClassifier(2)), TABLE.assign(code=CODES))
    (column,) = raw_columns(fitted.model)
    assert (column.categories, column.takes_unknown) == ((3.0, 4.0, 5.0, 6.0), False)
    assert is_exact(fitted)


def test_two_encoders_of_one_column_answer_for_what_both_know():
    wide, narrow = OneHotEncoder(categories=[["a", "b", "c"]]), OrdinalEncoder()
    table = pd.DataFrame({"kind": ["b", "c", "c"] * 30})
    both = make_column_transformer((wide, ["kind"]), (narrow, ["kind"]))
    fitted = fold_of(make_pipeline(both, RandomForestClassifier(2)), table)
    (column,) = raw_columns(fitted.model)
    assert column.categories == ("b", "c")
    assert is_exact(fitted)


def test_an_array_of_objects_is_asked_with_objects():
    array = np.stack([SIZES.astype(object), np.where(PORTS == None, "?", PORTS)], axis=1)  # noqa: E711 - an array
    columns = make_column_transformer((OneHotEncoder(), [1]), (StandardScaler(), [0]))
    fitted = fold_of(make_pipeline(columns, RandomForestClassifier(2)), array)
    assert fitted.inputs.frame(np.array([[0.5, 1.0]])).tolist() == [[0.5, "north"]]
    assert is_exact(fitted)


def test_categories_may_be_given_in_another_order_and_fewer():
    from forest_serving.card import Feature
    from forest_serving.engines.fold import fold

    fitted = fold_of(
        make_pipeline(make_column_transformer((OrdinalEncoder(), ["port"])), RandomForestClassifier(2)), TABLE
    )
    inputs = fold(fitted.model, [Feature(name="port", categories=("south", "north"))])
    assert inputs.columns[0].evaluate(np.array([0.0, 1.0])).tolist() == [1, 0]
    assert inputs.frame(np.array([[0.0], [1.0]])).port.tolist() == ["south", "north"]
