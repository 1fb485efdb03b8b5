"""The rules that decide what rows are."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.errors import InvalidInstances
from forest_serving.rows.instances import parse_instances
from forest_serving.schema import DOMAIN_LIMIT

LARGEST = math.nextafter(DOMAIN_LIMIT, 0)
in_domain = st.one_of(st.floats(-LARGEST, LARGEST), st.integers(-(10**38), 10**38))
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
)


@given(st.lists(st.lists(in_domain, min_size=4, max_size=4), min_size=1))
def test_rows_of_finite_numbers_become_floats_of_the_same_value(instances):
    assert parse_instances(instances) == [[float(value) for value in row] for row in instances]
    assert all(type(value) is float for row in parse_instances(instances) for value in row)


@given(anything)
def test_anything_else_is_refused_with_a_place(instances):
    try:
        rows = parse_instances(instances)
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
        parse_instances([[1, 2, value, 4]])


@pytest.mark.parametrize("value", [LARGEST, -LARGEST, int(LARGEST), 5e-324, -0.0, 50])
def test_odd_but_finite_numbers_are_answered(value):
    assert parse_instances([[1, 2, value, 4]]) == [[1, 2, value, 4]]


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
def test_a_refusal_says_what_where_and_how_to_mend_it(instances, sentence):
    with pytest.raises(InvalidInstances, match=sentence):
        parse_instances(instances)
