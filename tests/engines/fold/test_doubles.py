"""Bisection over the doubles finds the last one, wherever it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.card import LARGEST
from forest_serving.engines.fold.doubles import doubles_at, last_alike, positions_of, strays

FINITE = st.floats(allow_nan=False, allow_infinity=False)
ENDS = np.array([-LARGEST]), np.array([LARGEST])


@given(FINITE)
def test_a_double_is_found_at_its_position(double):
    assert doubles_at(positions_of(np.array([double])))[0] == double


@given(FINITE.filter(lambda double: double < LARGEST))
def test_the_next_double_is_at_the_next_position(double):
    both = positions_of(np.array([double, np.nextafter(double, np.inf)]))
    assert both[1] - both[0] == 1


@given(FINITE.filter(lambda double: double < LARGEST))
def test_bisection_finds_the_last_double(double):
    assert last_alike(lambda doubles: doubles <= double, *ENDS)[0] == double


def test_no_intervals_have_no_last_doubles():
    assert last_alike(lambda doubles: doubles[:1] <= 0, np.empty(0), np.empty(0)).shape == (0,)


@pytest.mark.parametrize("width", [0, 1, 100, 2**40])
def test_a_function_that_turns_round_near_its_boundary_strays(width):
    """It is 0 below 1, 1 from there on, and for some doubles 0 again."""

    def is_left(doubles):
        from_one = positions_of(doubles) - positions_of(np.array([1.0]))[0]
        return (from_one < 0) | ((from_one > width) & (from_one <= 2 * width))

    last = np.array([np.nextafter(1.0, 0)])
    assert strays(is_left, last, *ENDS)[0] == (width > 0)
