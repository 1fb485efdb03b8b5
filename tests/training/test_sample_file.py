"""Rows for a fitted model out of a CSV file: text where it takes categories, gaps where a field is empty."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from forest_serving.errors import BadTrainingData
from forest_serving.training.given_sample import given_sample
from forest_serving.training.sample_file import read_sample
from tests.support.churn import churned, customers, pipeline, spent

TABLE = customers()
TREES = RandomForestClassifier(2, max_depth=2, random_state=0)
PIPELINE = pipeline(TREES).fit(TABLE, churned(TABLE))


def read(folder, table, label=None, model=PIPELINE, missing=()):
    """Return the sample in a file that holds this text, or this table."""
    text = table if isinstance(table, str) else table.to_csv(index=False)
    (folder / "data.csv").write_text(text)
    return read_sample(folder / "data.csv", label, model, missing)


def of_kinds(categories):
    """Return a model of one column of categories."""
    table = pd.DataFrame({"kind": categories})
    steps = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["kind"]))
    return make_pipeline(steps, TREES).fit(table, np.arange(len(table)) % 2)


def test_a_file_says_the_same_as_the_table_that_it_was_written_from(tmp_path):
    told, given = read(tmp_path, TABLE), given_sample(PIPELINE, TABLE, None, (), None)
    assert (told.sha256, told.features, told.example()) == (given.sha256, given.features, given.example())


def test_the_columns_may_stand_in_any_order_around_the_label(tmp_path):
    table = TABLE.assign(churned=churned(TABLE))[["calls", "churned", *TABLE.columns[:-1]]]
    told = read(tmp_path, table, "churned")
    assert (told.sha256, told.label_column) == (read(tmp_path, TABLE).sha256, "churned")
    assert told.answers.tolist() == churned(TABLE).map(["no", "yes"].index).tolist()


def test_the_label_of_a_regressor_is_its_target(tmp_path):
    model = pipeline(RandomForestRegressor(2, max_depth=2)).fit(TABLE, spent(TABLE))
    told = read(tmp_path, TABLE.assign(spent=spent(TABLE)), "spent", model)
    assert told.answers.tolist() == spent(TABLE).tolist()


@pytest.mark.parametrize(
    ("categories", "fields", "positions"),
    [
        (["a", "b c"], ["b c", "a", " a ", "", "z"], [1, 0, 0, np.nan, -1]),
        ([False, True], ["true", "False", "FALSE", "", "1", "x"], [1, 0, 0, np.nan, 1, -1]),
        ([3, 10], ["10", "3.0", " 3", "", "x"], [1, 0, 0, np.nan, -1]),
        ([0.5, 2.0], ["2", "0.5", "5e-1", "", "1"], [1, 0, 0, np.nan, -1]),
    ],
    ids=["text", "booleans", "whole numbers", "numbers"],
)
def test_a_field_is_the_category_that_it_spells(tmp_path, categories, fields, positions):
    lines = "\n".join(["kind,other", *(f"{field},1" for field in fields)])
    table = pd.DataFrame({"kind": categories, "other": 1})
    steps = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["kind"]))
    model = make_pipeline(steps, TREES).fit(table, [0, 1])
    np.testing.assert_array_equal(read(tmp_path, lines, model=model).rows.ravel(), positions)


HEADER = ",".join(TABLE.columns)
BAD = {
    "text": (
        "C1,old,month,1,True,2",
        "line 2, column \"age\": 'old' is not a number. Write a number, or nothing for a gap.",
    ),
    "NaN": ("C1,nan,month,1,True,2", "line 2, column \"age\": 'nan' is not a number."),
    "grouped": ("C1,1_000,month,1,True,2", "line 2, column \"age\": '1_000' is not a number."),
    "infinite": ("C1,30,month,inf,True,2", 'line 2, column "charge (EUR)" is infinite'),
    "short": ("C1,30", "line 2 has 2 values, the first line 6. Fix that line."),
    "no rows": ("", "has no row. Write rows below its first line."),
}


@pytest.mark.parametrize(("line", "sentence"), BAD.values(), ids=BAD)
def test_the_first_fault_is_told_by_file_line_and_column(tmp_path, line, sentence):
    with pytest.raises(BadTrainingData, match=re.escape(sentence)) as error:
        read(tmp_path, f"{HEADER}\n{line}\n")
    assert str(error.value).startswith(str(tmp_path))


def test_a_category_or_a_gap_that_the_model_refuses_is_told_by_its_line(tmp_path):
    model = make_pipeline(make_column_transformer((OneHotEncoder(), ["contract"])), TREES)
    model.fit(TABLE[["contract"]], churned(TABLE))
    with pytest.raises(BadTrainingData, match='line 4, column "contract" is none of the categories'):
        read(tmp_path, 'contract\nmonth\n"year"\nweek\n', model=model)
    with pytest.raises(BadTrainingData, match='line 3, column "contract" is missing, and the model refuses gaps'):
        read(tmp_path, "contract,x\nmonth,1\n,1\n", model=model.fit(TABLE[["contract"]].assign(x=1), churned(TABLE)))


def test_a_target_that_is_no_number_is_told_by_its_line(tmp_path):
    model = pipeline(RandomForestRegressor(2, max_depth=2)).fit(TABLE, spent(TABLE))
    with pytest.raises(BadTrainingData, match="""line 2, column "spent": 'much' is not a finite number"""):
        read(tmp_path, TABLE.assign(spent="much"), "spent", model)


def test_the_label_is_a_column_of_the_file(tmp_path):
    with pytest.raises(BadTrainingData, match=re.escape('no column "churn" (did you mean "churned"?)')):
        read(tmp_path, TABLE.assign(churned=1), "churn")


def test_a_column_may_be_named_that_will_have_gaps(tmp_path):
    whole = customers(gaps=False)
    assert not any(feature.takes_missing for feature in read(tmp_path, whole).features)
    assert read(tmp_path, whole, missing=["calls"]).features[-1].takes_missing
