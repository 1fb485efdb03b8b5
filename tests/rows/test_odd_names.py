"""Models whose columns have odd names are read as exactly as others, in every format."""

import json

import numpy as np
import pandas as pd
import pytest

from forest_serving.card import Feature
from forest_serving.errors import InvalidInstances
from forest_serving.rows.instances import InstanceReader
from forest_serving.rows.named_tensors import Input
from forest_serving.rows.reader import RowReader
from forest_serving.settings import read_settings
from tests.support.cards import card, feature


def reader(*columns):
    """Return what reads rows whose columns have these names in the training data."""
    return RowReader(card("odd", tuple(feature(f"x_{i}", name) for i, name in enumerate(columns))), read_settings({}))


ODD = [('net "dry"', "width\n(cm)"), ("a:b", "c"), ("income, monthly", "rent, monthly"), ("größe", "ß"), ("\\", "x\t")]


@pytest.mark.parametrize("names", ODD, ids=repr)
@pytest.mark.parametrize("n_rows", [1, 5000])
@pytest.mark.parametrize("ascii_only", [True, False], ids=["escaped", "plain"])
def test_records_are_read_whatever_the_names_hold(names, n_rows, ascii_only):
    rows = np.arange(2.0 * n_rows).reshape(-1, 2)
    records = [dict(zip(names[::-1], row[::-1], strict=True)) for row in rows.tolist()]
    content = json.dumps(records, ensure_ascii=ascii_only).encode()
    assert np.array_equal(reader(*names).json.read(content, "instances"), rows)


@pytest.mark.parametrize("names", ODD, ids=repr)
def test_a_name_that_comes_twice_is_refused_whatever_it_holds(names):
    first, second = map(json.dumps, names)
    content = f"[{{{first}: 1, {second}: 2, {first}: 3}}]".encode()
    with pytest.raises(InvalidInstances, match="comes twice"):
        reader(*names).json.read(content, "instances")


def test_columns_named_by_numbers_are_columns():
    frame = pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], columns=[20, 10])
    assert reader("10", "20").instances.read(frame) == [[2.0, 1.0], [4.0, 3.0]]


@pytest.mark.parametrize("names", [("1", "2"), ("nan", "inf")])
def test_a_first_line_of_names_that_look_like_numbers_is_a_header(names):
    body = f"{names[1]},{names[0]}\n5,6\n".encode()
    assert np.array_equal(reader(*names).csv.read(body), [[6.0, 5.0]])


def test_a_long_line_of_numbers_is_no_header():
    """Only its beginning is looked at, which may end inside a number."""
    wide = reader(*(f"column {i}" for i in range(1100)))
    assert len(wide.csv.read(",".join(["0.1234567"] * 1100).encode())[0]) == 1100


@pytest.mark.parametrize("shape", [[3], [3, 1]])
def test_the_tensor_of_a_model_with_one_feature_is_rows(shape):
    tensor = Input("input-0", shape, "FP64", parameters={"binary_data_size": 24})
    rows = reader("x").tensors.read([tensor], memoryview(np.array([1.0, 2, 3]).tobytes()))
    assert np.array_equal(rows, [[1.0], [2.0], [3.0]])


def test_a_structured_array_is_matched_by_names():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    assert reader("a", "b").instances.read(frame[["b", "a"]].to_records(index=False)) == [[1.0, 3.0], [2.0, 4.0]]


@pytest.mark.parametrize("columns", [("a", "b"), ("a", "features")])
@pytest.mark.parametrize("n_rows", [1, 2])
def test_a_list_called_features_is_a_row_whatever_the_columns_are_called(columns, n_rows):
    """In JSON as in JSON lines; what a column holds is no list."""
    assert reader(*columns).json.checked([{"features": [1, 2]}] * n_rows, "") == [[1, 2]] * n_rows


def test_a_number_called_features_is_of_the_column_of_that_name():
    assert reader("features").json.checked([{"features": 1}, {"features": [2]}], "") == [[1], [2]]


@pytest.mark.parametrize("unit", ["s", "ns"])
def test_dates_are_no_numbers(unit):
    dates = pd.DataFrame({"a": np.array([1, 2], f"datetime64[{unit}]"), "b": np.array([1, 2], f"datetime64[{unit}]")})
    with pytest.raises(InvalidInstances, match="dates or times"):
        reader("a", "b").instances.read(dates)


def test_an_example_in_an_error_is_short_for_a_wide_model():
    wide = reader(*(f"column {i}" for i in range(784)))
    with pytest.raises(Exception, match="Send, for example") as caught:
        wide.json.read(b"[[1,", "instances")
    assert len(caught.value.message) < 600


def test_names_of_a_feature_are_its_name_and_its_spellings():
    found = InstanceReader(card("one", (Feature(name="a", spellings=("A", "α"), deciles=(0.0,) * 11),))).columns
    assert all(name in found for name in ("a", "A", "α"))
