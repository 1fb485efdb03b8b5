"""Numbers, gaps and categories: the same rows are the same doubles, whatever format they come in."""

import csv
import io
import json

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forest_serving.card import HIGHEST, LARGEST, UNKNOWN
from forest_serving.protocols.instances_field import rows_decoder
from forest_serving.rows.numbers import FEW_ROWS
from forest_serving.rows.reader import RowReader
from forest_serving.rows.tensor_values import Input
from forest_serving.settings import read_settings
from tests.support.cards import CHURN, card, categories, feature
from tests.support.columns import COLUMNS, NAMES, as_inputs, csv_text

QUOTED = {"quoting": csv.QUOTE_ALL, "lineterminator": "\r\n"}
READER = RowReader(CHURN, read_settings({}))
ORDER = [3, 0, 4, 2, 1]  # in which some formats name the columns

numbers = st.floats(-1, LARGEST) | st.integers(0, 100)
gaps = st.none() | st.floats(-HIGHEST, HIGHEST)
regions = st.sampled_from([3, 7, 12, None]) | st.integers(-(2**53), 2**53)
mixed = st.lists(st.tuples(numbers, gaps, st.sampled_from(CHURN.features[2].categories), regions, st.booleans()))


def doubles(rows):
    """Return what stands for rows of the churn model: the oracle, a value at a time."""
    plans, regions = CHURN.features[2].categories, CHURN.features[3].categories
    missing = float("nan")
    found = [
        [
            float(tenure),
            missing if charges is None else charges,
            plans.index(plan),
            missing if region is None else regions.index(region) if region in regions else UNKNOWN,
            int(paperless),
        ]
        for tenure, charges, plan, region, paperless in rows
    ]
    return np.array(found, np.float64)


def records(rows, names):
    """Return rows as records, whose values stand in another order."""
    return [{names[n]: row[n] for n in ORDER} for row in rows]


def lists(rows, names):
    """Return rows as a list for each column."""
    return {names[n]: [row[n] for row in rows] for n in ORDER}


def frame(rows, **types):
    """Return rows as a data frame with missing values as pandas has them."""
    return pd.DataFrame(rows, columns=COLUMNS).astype(types)[[COLUMNS[n] for n in ORDER]]


def read_json(value):
    """Return rows in JSON."""
    return READER.json.read(json.dumps(value).encode(), "")


def read_named(rows):
    """Return rows of a data frame that MLflow splits."""
    content = json.dumps([[row[n] for n in ORDER] for row in rows]).encode()
    return READER.json.read_named(content, [COLUMNS[n] for n in ORDER], ("dataframe_split", "columns"))


def read_tensors(rows, **options):
    """Return rows of the Open Inference Protocol."""
    inputs, content = as_inputs(rows, **options)
    described = msgspec.json.decode(json.dumps(inputs), type=list[Input])
    return READER.tensors.read(described, memoryview(content))


FORMATS = {
    "native": lambda rows: rows_decoder(READER, "")(json.dumps({"instances": rows}).encode()),
    "native records": lambda rows: rows_decoder(READER, "")(json.dumps({"instances": records(rows, NAMES)}).encode()),
    "lists": lambda rows: read_json([list(row) for row in rows]),
    "indented": lambda rows: READER.json.read(json.dumps(rows, indent=1).encode(), ""),
    "records": lambda rows: read_json(records(rows, NAMES)),
    "records as in training": lambda rows: read_json(records(rows, COLUMNS)),
    "columns": lambda rows: read_json(lists(rows, NAMES)),
    "split": read_named,
    "csv": lambda rows: READER.csv.read(csv_text(rows)),
    "csv with names": lambda rows: READER.csv.read(csv_text(rows, COLUMNS, ORDER)),
    "csv with an index": lambda rows: READER.csv.read(csv_text(rows, COLUMNS, ORDER, index=True)),
    "csv, all quoted": lambda rows: READER.csv.read(csv_text(rows, NAMES, **QUOTED)),
    "tensors": read_tensors,
    "nested tensors": lambda rows: read_tensors(rows, nested=True),
    "binary tensors": lambda rows: read_tensors(rows, binary=True),
    "Python's lists": lambda rows: READER.instances.read([list(row) for row in rows]),
    "Python's records": lambda rows: READER.instances.read(records(rows, COLUMNS)),
    "an array of objects": lambda rows: READER.instances.read(np.array(rows, object)),
    "a data frame": lambda rows: READER.instances.read(frame(rows)),
    "pandas' own types": lambda rows: READER.instances.read(
        frame(rows, **{"Monthly charges": "Float64", "Plan type": "string", "region": "Int64", "paperless": "boolean"})
    ),
    "pandas' categories": lambda rows: READER.instances.read(frame(rows, **{"Plan type": "category"})),
}


@pytest.mark.parametrize("read", FORMATS.values(), ids=FORMATS)
@given(rows=mixed.filter(bool))
@example([(12.0, 70.5, "premium", 7, True)])
@example([(12, None, "basic", 99, False)] * (FEW_ROWS + 1))
@example([(12, None, "pro, yearly", None, False), (0.5, -0.0, "basic", 3, True)] * 40)
@settings(max_examples=40, deadline=None)
def test_the_same_rows_are_the_same_doubles_in_every_format(read, rows):
    found = read(rows)
    assert np.array_equal(np.asarray(found, np.float64), doubles(rows), equal_nan=True)
    assert isinstance(found, list) == (len(rows) <= FEW_ROWS)


@pytest.mark.parametrize("n_rows", [2, 200])
def test_a_numeric_category_is_the_same_as_an_integer_and_as_a_float(n_rows):
    rows = [[1.0, 20.0, "basic", 7, True], [1.0, 20.0, "basic", 7.0, True]] * (n_rows // 2)
    for found in (read_json(rows), READER.instances.read(rows), READER.csv.read(csv_text(rows))):
        assert {row[3] for row in np.asarray(found).tolist()} == {1.0}


NUMERIC = card("grades", (feature("hours", takes_missing=True), categories("grade", 1, 2, 3, takes_unknown=True)))
GRADES = [[1.5, 3.0], [float("nan"), 1.0], [2.0, 7.0]] * 8
CODES = [[1.5, 2.0], [float("nan"), 0.0], [2.0, UNKNOWN]] * 8


def npy(rows):
    """Return rows as numpy.save writes them."""
    stream = io.BytesIO()
    np.save(stream, rows)
    return stream.getvalue()


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["<f8", "<f4", ">f8"])
def test_numeric_categories_are_looked_up_in_arrays_of_numbers(order, dtype):
    reader, array = RowReader(NUMERIC, read_settings({})), np.asarray(GRADES, dtype, order=order)
    tensor = Input("x", [24, 2], "FP64", parameters={"binary_data_size": 24 * 16})
    assert np.array_equal(reader.read_npy(npy(array)), CODES, equal_nan=True)
    assert np.array_equal(reader.instances.read(array), CODES, equal_nan=True)
    assert np.array_equal(reader.tensors.read([tensor], memoryview(np.array(GRADES).tobytes())), CODES, equal_nan=True)


@pytest.mark.parametrize("n_rows", [1, 400])
def test_rows_of_numbers_with_gaps_are_read_as_json(n_rows):
    reader = RowReader(card("gaps", (feature("a", takes_missing=True), feature("b"))), read_settings({}))
    rows = [[None, 1.0]] * n_rows
    expected = [[float("nan"), 1.0]] * n_rows
    assert np.array_equal(reader.json.read(json.dumps(rows).encode(), ""), expected, equal_nan=True)
    assert np.array_equal(reader.csv.read(b",1\n" * n_rows), expected, equal_nan=True)
    assert np.array_equal(rows_decoder(reader, "")(json.dumps({"instances": rows}).encode()), expected, equal_nan=True)


@pytest.mark.parametrize("n_rows", [1, 400])
def test_bounds_hold_for_columns_in_another_order(n_rows):
    """Each column's own, wherever it stands."""
    bounded = (feature("a", lowest=0.0, highest=5.0), feature("b", lowest=-5.0, highest=0.0))
    reader = RowReader(card("bounded", bounded), read_settings({}))
    content = json.dumps([[-1.0, 1.0]] * n_rows).encode()
    assert np.array_equal(reader.json.read_named(content, ["b", "a"], ("x",)), [[1.0, -1.0]] * n_rows)
    assert np.array_equal(reader.csv.read(b"b,a\n" + b"-1,1\n" * n_rows), [[1.0, -1.0]] * n_rows)


def test_a_text_that_looks_like_a_number_or_a_name_is_a_category():
    reader = RowReader(card("odd", (categories("plan", "1", "nan", "plan", "a:b", "", '"'),)), read_settings({}))
    rows = [["1"], ["nan"], ["plan"], ["a:b"], [""], ['"']] * 20
    expected = [[float(n % 6)] for n in range(120)]
    assert np.array_equal(reader.json.read(json.dumps(rows).encode(), ""), expected)
    named = json.dumps([{"plan": row[0]} for row in rows]).encode()
    assert np.array_equal(reader.json.read(named, ""), expected)
    assert np.array_equal(reader.json.read(named.replace(b":b", b"\\u003ab"), ""), expected)
    assert np.array_equal(reader.csv.read(csv_text(rows, ["plan"])), expected)
