"""The kernel's contributions beside NumPy's, over forests that nobody trained."""

import numpy as np

from forest_serving.engines.forest import Forest
from forest_serving.engines.trees import take_trees
from forest_serving.engines.walks import NativeWalk, NumpyWalk
from forest_serving.explain.paths import paths_of
from forest_serving.explain.trees import NativeExplaining, NumpyExplaining
from forest_serving.kernel.library import kernel
from tests.support.made_engines import Dice, made_columns, made_rows, made_trees

MOST_ROWS = 9  # a block of the kernel's and one more


def check_explained(content):
    """Make a forest and covers of bytes, and compare what its trees contribute."""
    with np.errstate(all="ignore"):
        _check_explained(Dice(content))


def _check_explained(dice):
    n_features = 1 + dice.below(5)
    columns = made_columns(dice, n_features)
    arrays = made_trees(dice, len(columns.feature), int(np.diff(columns.begin).max()) + 1)
    trees = take_trees(arrays | {"values": np.clip(arrays["values"], -1e9, 1e9)}, len(columns.feature))
    forest = Forest(n_features, columns, trees, "softmax by row", np.arange(len(trees.base)))
    paths = paths_of(forest, dice.rng.integers(1, 100, len(trees.nodes)).astype(float), trees.values)
    rows = made_rows(dice, columns.boundaries[:200], n_features)[:MOST_ROWS]
    found = [np.zeros((len(rows), n_features, paths.n_outputs)) for _ in range(2)]
    native = NativeExplaining(kernel(), n_features, len(columns.feature), paths)
    ranks = NativeWalk(kernel(), n_features, columns, trees, 1).rank(rows)
    turn = dice.below(len(trees.roots) + 1)
    native.add(0, turn, ranks, found[0])
    native.add(turn, len(trees.roots), ranks, found[0])
    NumpyExplaining(paths).add(0, len(trees.roots), NumpyWalk(columns, trees, 1).rank(rows), found[1])
    scale = np.abs(trees.values).max() * len(trees.roots)
    assert np.abs(found[0] - found[1]).max(initial=0) <= 1e-12 * scale
