"""The kernel beside NumPy, to the bit, over engines that nobody trained."""

import numpy as np

from forest_serving.engines.cell_search import GRIDS, NativeSearch, NumpySearch, grid_of
from forest_serving.engines.columns import take_columns
from forest_serving.engines.trees import take_trees
from forest_serving.engines.walks import NativeWalk, NumpyWalk
from forest_serving.kernel.library import LANES, kernel
from tests.support.explained_both_ways import check_explained, check_explained_cells
from tests.support.made_engines import Dice, damage, made_columns, made_rows, made_table, made_trees
from tests.support.rows_both_ways import check_records, check_rows


def check_kernel(content):
    """Make a forest, a table and rows of bytes, and check all."""
    check_forest(content)
    check_table(content)
    check_explained(content)
    check_explained_cells(content)
    check_rows(content)
    check_records(content)


def check_forest(content):
    """Make a forest of bytes, damaged or not; if it would be loaded, check it. Return whether it would."""
    with np.errstate(all="ignore"):
        return _check_forest(Dice(content))


def _check_forest(dice):
    n_features = 1 + dice.below(5)
    made = made_columns(dice, n_features)
    arrays = _as_in_file(made) | made_trees(dice, len(made.feature), int(np.diff(made.begin).max()) + 1)
    damage(dice, arrays)
    try:
        columns = take_columns(arrays, n_features)
        trees = take_trees(arrays, len(columns.feature))
    except Exception:  # as unpack says it: the many ways of being damaged all mean the same
        return False
    divisor = float(dice.pick((1, 3, len(trees.roots))))
    ways = NativeWalk(kernel(), n_features, columns, trees, divisor), NumpyWalk(columns, trees, divisor)
    rows = made_rows(dice, columns.boundaries[:200], n_features)
    check_ranks(*ways, rows)
    check_sums(*ways, rows, trees, dice.below(len(trees.roots) + 1))
    for row in rows[:3].tolist():
        assert_same(*(np.array(way.sums_of_one(row)) for way in ways))
    return True


def _as_in_file(columns):
    names = {"feature": "column_feature", "begin": "column_begin", "recoded": "column_recoded"}
    return {names.get(name, name): array for name, array in columns._asdict().items()}


def check_ranks(native, numpy, rows):
    """Check the ranks of rows. The kernel's are sixteen rows side by side, the last ones filled up with anything."""
    blocks, ranks = native.rank(rows), numpy.rank(rows)
    assert blocks.shape[2] == LANES
    assert np.array_equal(blocks.transpose(0, 2, 1).reshape(-1, ranks.shape[1])[: len(rows)], ranks)


def check_sums(native, numpy, rows, trees, turn):
    """Check what all trees add, in two turns."""
    sums = [np.tile(trees.base, (len(rows), 1)) for _ in range(2)]
    for way, found in zip((native, numpy), sums, strict=True):
        ranks = way.rank(rows)
        if way is native and len(rows) % LANES:
            ranks[-1, :, len(rows) % LANES :] = 65_535  # what stands there is nobody's
        way.add(0, turn, ranks, found)
        way.add(turn, len(trees.roots), ranks, found)
    assert_same(*sums)


def check_table(content):
    """Make a table of bytes and check it. Return whether the kernel would search it."""
    with np.errstate(all="ignore"):
        return _check_table(Dice(content))


def _check_table(dice):
    boundaries, gaps = made_table(dice)
    counts = np.array([len(feature) + 1 + gap for feature, gap in zip(boundaries, gaps, strict=True)])
    strides = [int(np.prod(counts[axis + 1 :])) for axis in range(len(counts))]
    grid = grid_of(boundaries, gaps, *dice.pick(GRIDS))
    if grid is None:
        return False
    rows = made_rows(dice, np.concatenate(boundaries)[:200], len(boundaries))
    native = NativeSearch(kernel(), grid, strides)
    anything = native.cells(rows)
    assert ((anything >= 0) & (anything < counts.prod())).all()
    rows = as_readers_give(rows, gaps)
    assert np.array_equal(native.cells(rows), NumpySearch(boundaries, gaps, strides).cells(rows))
    return True


def as_readers_give(rows, gaps):
    """Return rows without infinities, and with gaps only where a feature has them."""
    rows = np.where(np.isinf(rows), 0.0, rows)
    return np.where(np.isnan(rows) & ~np.array(gaps), 0.0, rows)


def assert_same(ours, theirs):
    """Check that doubles have the same bits; only which NaN a sum of infinities is, is each processor's own."""
    assert np.array_equal(np.isnan(ours), np.isnan(theirs))
    assert (ours.view(np.int64) == theirs.view(np.int64))[~np.isnan(ours)].all()
