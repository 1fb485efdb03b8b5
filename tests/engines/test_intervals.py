"""The grid finds the cells that binary search finds, however the boundaries lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.engines.boundaries import LARGEST
from forest_serving.engines.intervals import FEWEST_ROWS, MOST_IN_STEP, N_STEPS, Intervals

FLOATS = st.floats(-LARGEST, LARGEST) | st.floats(-10, 10) | st.integers(-40, 40).map(lambda n: n / 10)
FEATURE = st.lists(FLOATS.map(lambda x: x + 0.0), unique=True, max_size=60).map(np.sort)


def near(boundaries):
    """Return every boundary, the doubles beside it, and the ends of the domain."""
    sides = [np.nextafter(boundaries, side) for side in (-np.inf, np.inf)]
    return np.clip(np.concatenate([[-LARGEST, -0.0, 0.0, LARGEST], boundaries, *sides]), -LARGEST, LARGEST)


def searched(features, rows):
    """Return the cells by binary search."""
    found = tuple(np.searchsorted(feature, column) for feature, column in zip(features, rows.T, strict=True))
    return np.ravel_multi_index(found, [len(feature) + 1 for feature in features])


def assert_found(features):
    """Compare cells of as many rows as the grid is used for."""
    random = np.random.default_rng(0)
    rows = np.stack([random.choice(near(feature), 5000) for feature in features], axis=1)
    assert (Intervals(features).cells(rows) == searched(features, rows)).all()


@given(st.lists(FEATURE, min_size=1, max_size=4))
def test_any_boundaries_give_the_cells_of_a_binary_search(features):
    """Also equal, subnormal, huge and neighbouring ones, and features without any."""
    assert_found(features)


@pytest.mark.parametrize("n_crowded", [MOST_IN_STEP, MOST_IN_STEP + 1, 5 * N_STEPS])
def test_boundaries_may_crowd_in_one_step(n_crowded):
    """As those of incomes do, beside one of a billionaire."""
    assert_found([np.append(np.linspace(1, 2, n_crowded), 1e9), np.array([0.5])])


@pytest.mark.parametrize("n_rows", [1, FEWEST_ROWS - 1, FEWEST_ROWS, 2048, 2049, 9000])
def test_any_number_of_rows_is_answered_in_order(n_rows):
    rows = np.random.default_rng(1).uniform(0, 10, (n_rows, 2))
    features = [np.linspace(0, 9, 25), np.linspace(1, 8, 21)]
    assert (Intervals(features).cells(rows) == searched(features, rows)).all()
