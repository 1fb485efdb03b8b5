"""Both searches find the cells that halving finds, however the boundaries lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.engines.cell_search import GRIDS, NumpySearch, search_of
from forest_serving.kernel.library import kernel

LARGEST = np.finfo(np.float64).max
FLOATS = st.floats(-LARGEST, LARGEST) | st.floats(-10, 10) | st.integers(-40, 40).map(lambda n: n / 10)
FEATURE = st.lists(FLOATS.map(lambda x: x + 0.0), unique=True, max_size=60).map(np.sort)


def near(boundaries):
    """Return every boundary, the doubles beside it, the ends of all doubles, and a gap."""
    with np.errstate(over="ignore"):
        sides = [np.nextafter(boundaries, side) for side in (-np.inf, np.inf)]
    return np.append(
        np.clip(np.concatenate([[-LARGEST, -0.0, 0.0, LARGEST], boundaries, *sides]), -LARGEST, LARGEST), np.nan
    )


def cell_of(features, gaps, row):
    """Return a row's cell: the definition."""
    cell = 0
    for feature, gap, value in zip(features, gaps, row, strict=True):
        interval = 0 if np.isnan(value) else gap + sum(value > boundary for boundary in feature.tolist())
        cell = cell * (len(feature) + 1 + gap) + interval
    return cell


def strides_of(features, gaps):
    sizes = [len(feature) + 1 + gap for feature, gap in zip(features, gaps, strict=True)]
    return [int(np.prod(sizes[axis + 1 :], dtype=object)) for axis in range(len(sizes))]


def assert_found(features, gaps, n_rows=600):
    random = np.random.default_rng(0)
    columns = [random.choice(near(f) if gap else near(f)[:-1], n_rows) for f, gap in zip(features, gaps, strict=True)]
    rows = np.stack(columns, axis=1)
    expected = [cell_of(features, gaps, row) for row in rows]
    strides = strides_of(features, gaps)
    for search in (search_of(kernel(), features, gaps, strides), NumpySearch(features, gaps, strides)):
        assert search.cells(rows).tolist() == expected


@given(st.lists(st.tuples(FEATURE, st.booleans()), min_size=1, max_size=4))
def test_any_boundaries_give_the_cells_of_the_definition(features):
    """Also subnormal, huge and neighbouring ones, and features without any."""
    assert_found([boundaries for boundaries, _ in features], [gap for _, gap in features])


@pytest.mark.parametrize("n_crowded", [2, 3, 4, 5, 60])
def test_boundaries_may_crowd_in_one_step(n_crowded):
    """As those of incomes do, beside one of a billionaire."""
    assert_found([np.append(np.linspace(1, 2, n_crowded), 1e9), np.array([0.5])], [False, True])


@pytest.mark.parametrize("n_rows", [0, 1, 255, 256, 257, 9000])
def test_any_number_of_rows_is_answered_in_order(n_rows):
    assert_found([np.linspace(0, 9, 25), np.linspace(1, 8, 21)], [True, False], n_rows)


def test_features_without_boundaries_may_be_thousands():
    nothing, features = np.empty(0), [np.array([0.5]), np.array([-1.0, 2.0])]
    wide = [nothing] * 2_000 + features[:1] + [nothing] * 3_000 + features[1:]
    assert search_of(kernel(), wide, [False] * len(wide), strides_of(wide, [False] * len(wide))).name == "native"
    assert_found(wide, [False] * len(wide), 7)


def test_a_model_without_boundaries_has_one_cell():
    assert_found([np.empty(0)] * 3, [False] * 3)


@pytest.mark.parametrize(("n_crowded", "name"), [(2, "native"), (5, "numpy")])
def test_the_kernel_searches_unless_too_many_boundaries_share_every_step(n_crowded, name):
    crowded = np.append(np.nextafter(1, np.linspace(2, 3, 1))[0] + np.arange(n_crowded) * 2.0**-52, 1e300)
    assert search_of(kernel(), [crowded], [False], [1]).name == name
    assert max(n_compared for _, n_compared in GRIDS) == 4
