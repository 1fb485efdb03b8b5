"""X as people bring it: what a card says of it, and which rows the engine is asked with."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from forest_serving.errors import BadTrainingData
from forest_serving.training.given_sample import given_sample
from tests.support.churn import NUMBERS, churned, customers, pipeline

TABLE = customers()
FOREST = RandomForestClassifier(2, max_depth=2, random_state=0)
PIPELINE = pipeline(FOREST).fit(TABLE, churned(TABLE))
NUMBERS_ONLY = RandomForestClassifier(2, max_depth=2).fit(customers(gaps=False)[NUMBERS], churned(TABLE))


def sample(model=PIPELINE, table=TABLE, missing=(), units=None):
    """Return the sample of a model and its X."""
    return given_sample(model, table, None, missing, units)


def encoded(values, encoder=None):
    """Return a model fitted to one column of categories, and the column."""
    table = pd.DataFrame({"kind": values})
    steps = make_column_transformer((encoder or OneHotEncoder(), ["kind"]))
    return make_pipeline(steps, FOREST).fit(table, np.arange(len(table)) % 2), table


def test_numbers_are_themselves_categories_their_positions_and_gaps_nan():
    rows, features = sample()[:2]
    assert features[1].categories == ("month", "two years", "year")
    assert features[3].categories == (False, True)
    expected = [TABLE["age"], TABLE["contract"].map(features[1].categories.index), TABLE["charge (EUR)"]]
    np.testing.assert_array_equal(rows[:, :3], np.stack(expected, axis=1))
    np.testing.assert_array_equal(rows[:, 3:], TABLE[["paperless", "calls"]].astype(float))


def test_a_column_that_the_model_does_not_use_may_be_left_out():
    assert sample(table=TABLE.drop(columns="customer")).sha256 == sample().sha256


def test_the_columns_of_a_table_may_stand_in_any_order():
    assert sample(table=TABLE[TABLE.columns[::-1]]).sha256 == sample().sha256


def test_units_are_those_of_numbers():
    found = {feature.name: feature.unit for feature in sample(units={"age": "years", "contract": "months"}).features}
    assert found == {"age": "years", "contract": "", "charge": "EUR", "paperless": "", "calls": ""}


def test_deciles_are_those_of_the_values_that_are_there():
    np.testing.assert_allclose(sample().features[0].deciles, TABLE["age"].quantile(np.linspace(0, 1, 11)))


def test_the_largest_doubles_have_deciles():
    model = HistGradientBoostingClassifier(max_iter=1).fit([[-1.0], [1.0]] * 20, [0, 1] * 20)
    deciles = sample(model, [[-1.7e308], [1.7e308]]).features[0].deciles
    assert (deciles[0], deciles[5], deciles[-1]) == (-1.7e308, 0, 1.7e308)


def test_the_example_is_a_row_without_gaps_as_a_client_sends_it():
    first = TABLE.dropna().iloc[0]
    example = sample(table=TABLE.sort_values("age", na_position="first")[:60]).example()
    assert None not in example
    assert [type(value) for value in sample().example()] == [int, str, float, bool, int]
    assert sample().example() == tuple(first.drop("customer"))


def test_where_each_row_has_a_gap_so_has_the_example():
    gaps = TABLE[TABLE["age"].isna()]
    ages, calls = [30] + [None] * (len(gaps) - 1), [None] + [2] * (len(gaps) - 1)
    example = sample(NUMBERS_ONLY, gaps[NUMBERS].assign(age=ages, calls=calls)).example()
    assert example == (30, gaps["charge (EUR)"].iloc[0], None)


@pytest.mark.parametrize(
    "column",
    [
        pd.array([18, None, 30], "Int64"),
        pd.array([18.0, None, 30.0], "Float64"),
        np.array([18, None, 30], object),
        np.array([18, pd.NA, 30], object),
        np.array([18, np.nan, 30], np.float32),
        pd.Categorical([18, None, 30]),
    ],
    ids=["Int64", "Float64", "None", "pandas' NA", "float32", "category"],
)
def test_numbers_may_be_of_any_type(column):
    rows = sample(table=TABLE[:3].assign(age=column)).rows
    np.testing.assert_array_equal(rows[:, 0], [18, np.nan, 30])


@pytest.mark.parametrize("kind", ["object", "str", "string", "category"])
def test_text_may_be_of_any_type(kind):
    table = TABLE.assign(contract=TABLE["contract"].astype(kind))
    assert sample(table=table).sha256 == sample().sha256


@pytest.mark.parametrize(("fitted", "given"), [([0, 1, 0], [False, True, False]), ([False, True, False], [0, 1, 0.0])])
def test_true_is_the_category_one_as_scikit_learns_encoders_take_it(fitted, given):
    model, _ = encoded(fitted)
    table = pd.DataFrame({"kind": given})
    found = sample(model, table)
    assert found.rows.ravel().tolist() == model[0].transform(table)[:, -1].tolist() == [0, 1, 0]
    assert type(found.example()[0]) is type(fitted[0])


def test_a_category_that_was_not_there_in_training_is_unknown():
    model, table = encoded(list("abab"), OneHotEncoder(handle_unknown="ignore"))
    found = sample(model, table.assign(kind=["z", "a", "b", None]))
    assert found.rows.ravel().tolist()[:3] == [-1, 0, 1]
    assert found.example() == ("a",)
    assert found.features[0].takes_unknown


def test_a_category_that_the_model_would_refuse_is_refused_by_row_and_column():
    model, table = encoded(list("abab"))
    with pytest.raises(BadTrainingData, match=re.escape('X, row 2, column "kind" is none of the categories that')):
        sample(model, table.assign(kind=list("abza")))


def test_a_gap_that_the_model_would_refuse_is_refused_by_row_and_column():
    model, table = encoded(list("abab"))
    with pytest.raises(BadTrainingData, match=re.escape('X, row 3, column "kind" is missing, and the model refuses')):
        sample(model, table.assign(kind=["a", "b", "a", None]))


def test_categories_are_those_of_the_encoder_in_its_order():
    order = [["low", "middle", "high"]]
    model, table = encoded(["high", "low", "middle"], OrdinalEncoder(categories=order))
    assert sample(model, table).features[0].categories == ("low", "middle", "high")


def test_an_array_of_objects_or_lists_will_do():
    rows = TABLE[["age", "contract"]].to_numpy()
    model = make_pipeline(make_column_transformer((OneHotEncoder(), [1]), remainder="passthrough"), FOREST).fit(
        rows, churned(TABLE)
    )
    found = sample(model, rows)
    assert [feature.name for feature in found.features] == ["feature_0", "feature_1"]
    assert found.features[1].categories == ("month", "two years", "year")
    assert sample(model, rows.tolist()).sha256 == found.sha256


def test_columns_without_names_are_numbered_as_in_the_array():
    model = make_pipeline(make_column_transformer(("passthrough", [3, 1])), FOREST)
    found = sample(model.fit(np.ones((4, 5)), [0, 1, 0, 1]), np.ones((4, 5)))
    assert [feature.name for feature in found.features] == ["feature_1", "feature_3"]


def test_an_array_has_all_columns_even_those_that_are_not_used():
    with pytest.raises(BadTrainingData, match="X must be rows of 6 values, as the model's; its rows have 5"):
        sample(table=TABLE.drop(columns="customer").to_numpy())


def test_a_column_that_the_model_needs_is_asked_for_by_name():
    with pytest.raises(BadTrainingData, match=re.escape('X lacks the column "calls" (did you mean "call"?)')):
        sample(table=TABLE.rename(columns={"calls": "call"}))


def test_whether_a_value_may_be_missing_is_what_the_table_or_the_user_says():
    whole = customers(gaps=False)
    assert [feature.takes_missing for feature in sample(table=whole).features] == [False] * 5
    assert [feature.takes_missing for feature in sample().features] == [True] + [False] * 4
    named = sample(table=whole, missing=["charge (EUR)", "calls"]).features
    assert [feature.takes_missing for feature in named] == [False, False, True, False, True]


def test_rows_are_counted_by_part_category_and_gap():
    age, contract, *_ = sample().features
    assert (sum(age.counts), age.n_missing) == (TABLE["age"].count(), TABLE["age"].isna().sum())
    assert contract.counts == tuple(TABLE["contract"].value_counts()[list(contract.categories)])
