"""The kernel's contributions beside NumPy's, over forests and tables that nobody trained."""

import numpy as np

from forest_serving.engines.forest import Forest
from forest_serving.engines.trees import take_trees
from forest_serving.engines.walks import NativeWalk, NumpyWalk
from forest_serving.explain.cells import Cells, NativeCells
from forest_serving.explain.paths import paths_of
from forest_serving.explain.subsets import Subsets
from forest_serving.explain.trees import NativeExplaining, NumpyExplaining
from forest_serving.kernel.library import kernel
from tests.support.made_engines import Dice, made_columns, made_rows, made_trees

MOST_ROWS = 9  # a block of the kernel's and one more


def check_explained(content):
    """Make a forest and covers of bytes, and compare what its trees contribute. Return that it was one."""
    with np.errstate(all="ignore"):
        _check_explained(Dice(content))
    return True


def check_explained_cells(content):
    """Make the tables of all subsets of bytes, and compare what they contribute. Return that there were some."""
    with np.errstate(all="ignore"):
        _check_explained_cells(Dice(content))
    return True


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


def _check_explained_cells(dice):
    subsets = _made_subsets(dice, 1 + dice.below(5), dice.pick((1, 2, 3, 7)))
    rows = made_rows(dice, subsets.boundaries, subsets.n_features)[:MOST_ROWS]
    found, expected = np.full((2, len(rows), subsets.n_features, subsets.outputs.shape[1]), np.nan)
    native = NativeCells(kernel(), subsets)
    native.find(rows, found)
    Cells(subsets).find(rows, expected)
    assert np.array_equal(found, expected)  # to the bit: both add up in one order
    assert all(np.array_equal(native.find_one(row.tolist())[0], each) for row, each in zip(rows, found, strict=True))


def _made_subsets(dice, n_features, n_outputs):
    features = np.flatnonzero(dice.rng.permutation(n_features) <= dice.below(n_features))
    n, ends = len(features), [np.unique(dice.doubles(1 + dice.below(3))) for _ in features]
    ends = [np.append(-np.inf, each) if dice.below(2) else each for each in ends]  # where a value may be missing
    sizes = np.where(np.append(~np.eye(n, dtype=bool), np.ones((1, n), bool), axis=0), [len(e) + 1 for e in ends], 1)
    n_places = sizes.prod(axis=1)
    answers = dice.rng.integers(0, 5, n_places[-1]).astype(np.uint32) if dice.below(2) else None
    return Subsets(
        features=features,
        begin=np.cumsum([0, *map(len, ends)]),
        boundaries=np.concatenate(ends),
        strides=np.where(sizes > 1, sizes[:, ::-1].cumprod(axis=1)[:, ::-1] // sizes, 0),
        places=np.append(0, n_places[:-1].cumsum())[:n],
        values=dice.rng.normal(size=(int(n_places[:-1].sum()), n, n_outputs)),
        answers=answers,
        outputs=dice.rng.normal(size=(n_places[-1] if answers is None else 5, n_outputs)),
        n_features=n_features,
    )
