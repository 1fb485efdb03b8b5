"""A boundary is the last double that scikit-learn, which rounds to float32 first, sends left of a threshold."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forest_serving.engines.boundaries import DOMAIN_LIMIT, LARGEST, boundaries_of, grid_of
from forest_serving.rows import numbers
from tests.support.doubles import BEYOND_FLOAT32, FLOAT32_MAX, SPECIAL, around

SMALLEST32 = 2.0**-149  # the smallest float32 above zero
EDGES = np.concatenate([around(SPECIAL), BEYOND_FLOAT32]).tolist()


def goes_left(value, threshold):
    """Return what scikit-learn does with a value at a split: the definition."""
    return float(np.float32(value)) <= threshold


def boundary_of(threshold):
    return float(boundaries_of(np.array([threshold]))[0])


def midpoint_above(lower):
    """Return the double half-way between a float32 and the next, which rounds to the even one of the two."""
    with np.errstate(over="ignore"):
        upper = np.nextafter(np.float32(lower), np.float32(np.inf))
    return min(float(lower) / 2 + float(upper) / 2, LARGEST)


float32s = st.floats(width=32, allow_nan=False, allow_infinity=False)
doubles = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-4e38, 4e38),
    float32s,
    float32s.map(midpoint_above),
    st.sampled_from(EDGES),
)
values = st.one_of(doubles, float32s).map(lambda value: min(max(value, -LARGEST), LARGEST))


def test_every_pair_of_difficult_doubles_is_decided_as_scikit_learn_does():
    thresholds, values = np.array(EDGES), np.clip(EDGES, -LARGEST, LARGEST)
    expected = values.astype(np.float32)[:, np.newaxis] <= thresholds
    assert np.array_equal(values[:, np.newaxis] <= boundaries_of(thresholds), expected)


@settings(max_examples=1_000, deadline=None)
@given(doubles)
def test_the_boundary_is_the_last_double_that_goes_left(threshold):
    boundary = boundary_of(threshold)
    assert boundary < -LARGEST or goes_left(boundary, threshold)
    assert boundary == LARGEST or not goes_left(max(np.nextafter(boundary, np.inf), -LARGEST), threshold)


@settings(max_examples=1_000, deadline=None)
@given(doubles, values)
@example(0.0, -0.0)
@example(-0.0, 0.0)
def test_comparing_a_double_with_the_boundary_decides_as_scikit_learn_does(threshold, value):
    assert (value <= boundary_of(threshold)) == goes_left(value, threshold)


@pytest.mark.parametrize(
    ("threshold", "boundary"),
    [
        (1.0, 1 + 2.0**-24),  # half-way to the next float32, which is odd: the midpoint rounds down to 1
        (1 + 2.0**-23, np.nextafter(1 + 3 * 2.0**-24, 0)),  # that odd one: its midpoint rounds up, away from it
        (0.0, SMALLEST32 / 2),
        (-5e-324, np.nextafter(-SMALLEST32 / 2, -1)),
        (SMALLEST32, np.nextafter(SMALLEST32 * 1.5, 0)),
        (-FLOAT32_MAX, np.nextafter(2.0**103 - FLOAT32_MAX, -np.inf)),
        (np.nextafter(-FLOAT32_MAX, -np.inf), -np.inf),
        (FLOAT32_MAX, LARGEST),
        (1e300, LARGEST),
    ],
)
def test_boundaries_that_can_be_worked_out_by_hand(threshold, boundary):
    assert boundary_of(threshold) == boundary


@settings(max_examples=300, deadline=None)
@given(float32s.filter(lambda lower: lower < FLOAT32_MAX), st.floats(0, 1))
def test_thresholds_between_two_float32_share_the_lower_ones_boundary(lower, share):
    upper = float(np.nextafter(np.float32(lower), np.float32(np.inf)))
    between = min(lower + share * (upper - lower), np.nextafter(upper, -np.inf))
    assert boundary_of(between) == boundary_of(lower) < boundary_of(upper)


@settings(max_examples=300, deadline=None)
@given(st.lists(doubles, max_size=20), values, values)
def test_values_share_an_interval_of_the_grid_if_and_only_if_no_threshold_parts_them(thresholds, one, other):
    grid = grid_of(np.array(thresholds))
    together = np.searchsorted(grid, one) == np.searchsorted(grid, other)
    assert together == all(goes_left(one, t) == goes_left(other, t) for t in thresholds)


@settings(max_examples=300, deadline=None)
@given(st.lists(doubles, max_size=20))
def test_a_grid_ascends_inside_the_domain(thresholds):
    grid = grid_of(np.array(thresholds))
    assert (np.diff(grid) > 0).all()
    assert ((grid >= -LARGEST) & (grid < LARGEST)).all()


def test_a_grid_drops_what_parts_no_two_values_of_the_domain():
    outside, twins = [-1e300, FLOAT32_MAX, LARGEST, 1e300], [1.0, 1 + 1e-9]
    assert grid_of(np.array(outside + twins)).tolist() == [1 + 2.0**-24]


def test_a_feature_without_thresholds_has_no_boundaries():
    assert grid_of(np.empty(0)).tolist() == []


def test_the_domain_ends_where_float32_does():
    with np.errstate(over="ignore"):
        assert np.isinf(np.float32(DOMAIN_LIMIT))
    assert np.float32(LARGEST) == FLOAT32_MAX


def test_the_domain_is_that_of_the_rows_that_are_read():
    """Neither room may import the other, so each has the number."""
    assert DOMAIN_LIMIT == numbers.DOMAIN_LIMIT
