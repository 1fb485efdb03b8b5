"""Bisection over the doubles finds the last one, wherever it is."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.card import LARGEST
from forest_serving.engines.fold.doubles import doubles_at, last_alike, positions_of

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
