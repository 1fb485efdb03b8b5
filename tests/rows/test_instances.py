"""The rules that decide what rows are."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.card import HIGHEST
from forest_serving.errors import InvalidInstances
from forest_serving.rows.instances import InstanceReader
from forest_serving.rows.numbers import FEW_ROWS
from tests.support.cards import COLUMNS, NAMES, card, feature

read = InstanceReader(card()).read
LARGEST, DOMAIN_LIMIT = HIGHEST, math.nextafter(HIGHEST, math.inf)
in_domain = st.one_of(st.floats(-LARGEST, LARGEST), st.integers(-(10**38), 10**38))
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
)


@given(st.lists(st.lists(in_domain, min_size=4, max_size=4), min_size=1))
def test_rows_of_finite_numbers_become_floats_of_the_same_value(instances):
    rows = read(instances)
    assert np.array_equal(rows, [[float(value) for value in row] for row in instances])
    assert isinstance(rows, list) == (len(instances) <= FEW_ROWS)


@given(anything)
def test_anything_else_is_refused_with_a_place(instances):
    try:
        rows = read(instances)
    except InvalidInstances as error:
        assert error.loc[0] == "instances"
        assert error.message.endswith(".")
    else:
        assert all(len(row) == 4 and all(map(math.isfinite, row)) for row in rows)


@pytest.mark.parametrize(
    "value", [DOMAIN_LIMIT, -DOMAIN_LIMIT, int(DOMAIN_LIMIT) - 1, math.inf, -math.inf, math.nan, 10**39, 10**4000]
)
def test_numbers_that_round_to_infinity_in_float32_are_refused(value):
    with pytest.raises(InvalidInstances, match="row 0, number 2"):
        read([[1, 2, value, 4]])


@pytest.mark.parametrize("value", [LARGEST, -LARGEST, int(LARGEST), 5e-324, -0.0, 50])
def test_odd_but_finite_numbers_are_answered(value):
    assert read([[1, 2, value, 4]]) == [[1, 2, value, 4]]


@pytest.mark.parametrize(
    ("instances", "sentence"),
    [
        ([[1, 2, 3]], r"Each row needs 4 numbers \(sepal length, .*, in cm\); row 0 has 3\."),
        ([[1, 2, 3, 4], [1, 2, "x", 4]], r"row 1, number 2 \(petal_length\) is a string\."),
        ([[1, 2, 3, True]], r"row 0, number 3 \(petal_width\) is a boolean\."),
        ([5.1, 3.5], r"row 0 is a number; write it as a list\."),
        (None, r'"instances" must be a list of rows, not null\.'),
        ([], r"send at least one row\."),
    ],
)
def test_a_refusal_says_what_where_and_how_to_fix_it(instances, sentence):
    with pytest.raises(InvalidInstances, match=sentence):
        read(instances)


ROWS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]
frame = pd.DataFrame(ROWS, columns=COLUMNS)


@pytest.mark.parametrize(
    "instances",
    [
        np.array(ROWS),
        np.array(ROWS, np.float32).astype(np.float64),
        frame,
        frame[COLUMNS[::-1]],
        frame.rename(columns=dict(zip(COLUMNS, NAMES, strict=True)))[[NAMES[2], NAMES[0], NAMES[3], NAMES[1]]],
        pd.DataFrame(ROWS),
        [dict(zip(NAMES, row, strict=True)) for row in ROWS],
        [dict(zip(COLUMNS[::-1], row[::-1], strict=True)) for row in ROWS],
    ],
    ids=["array", "floats", "frame", "reversed frame", "other names", "numbered frame", "records", "reversed records"],
)
def test_names_count_wherever_there_are_names_and_positions_where_there_are_none(instances):
    assert np.allclose(read(instances), ROWS)


@pytest.mark.parametrize(
    ("instances", "sentence"),
    [
        (frame[COLUMNS[:3]], "Columns are missing: petal_width"),
        (frame.assign(colour=1), 'The column "colour" is unknown'),
        (frame[[*COLUMNS, COLUMNS[0]]], r'The column "sepal length \(cm\)" comes twice'),
        (frame.assign(**{COLUMNS[1]: [1.0, None]}), r"row 1, number 1 \(sepal_width\) is NaN"),
        (frame.assign(**{COLUMNS[1]: "a"}), r"row 0, number 1 \(sepal_width\) is a string"),
        ([{"sepal_length": 1}], "Columns are missing: sepal_width, petal_length, petal_width"),
        ([dict.fromkeys(NAMES, 1), [1, 2, 3, 4]], "Row 1 is not an object, as row 0 is"),
        (np.array([1.0, 2, 3, 4]), "row 0 is a number; write it as a list"),
        (np.array([[True] * 4]), r"number 0 \(sepal_length\) is a boolean"),
    ],
)
def test_wrong_names_and_values_are_refused_by_name(instances, sentence):
    with pytest.raises(InvalidInstances, match=sentence):
        read(instances)


def test_another_models_errors_are_in_its_own_words():
    read_two = InstanceReader(card("churn", (feature("age", unit="years"), feature("income")))).read
    with pytest.raises(InvalidInstances, match=r"Each row needs 2 numbers \(age, income\); row 0 has 1\."):
        read_two([[1]])


def test_an_error_about_many_columns_stays_short():
    read_many = InstanceReader(card("wide", tuple(feature(f"pixel_{i}") for i in range(784)))).read
    with pytest.raises(InvalidInstances, match="pixel 9 and 774 more") as caught:
        read_many([[1]])
    assert len(caught.value.message) < 300
