"""Proof that an engine equals its forest for every row, not for a sample.

Decision table: within a cell, a tree can only change its mind if one of its splits lies inside the cell. A split is
monotone in one feature, so a split inside the cell sends the cell's lowest and highest corner apart. If every tree
puts both corners of every cell into the same leaf, no split lies inside any cell, and the forest's answer at one corner
is its answer in the whole cell. The cells cover all rows, because one begins at the next double after the last ends.

Flat forest: its arrays are compared with scikit-learn's, node by node, and every boundary with the rounding itself.
"""

from functools import singledispatch
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.boundaries import LARGEST
from forest_serving.engines.cells import blocks, corners
from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Engine
from forest_serving.engines.flat_forest import FlatForest
from forest_serving.engines.oracle import ask, oracle_of, trees_of
from forest_serving.errors import ProofFailed

_BLOCK_LEAVES = 1 << 22  # leaf numbers held at once: rows × trees


@singledispatch
def prove(engine: Engine, forest: Any) -> str:
    """Return one sentence that says what was compared.

    Args:
        engine: the engine to prove.
        forest: the fitted forest that it claims to equal, or a search that found it.

    Raises:
        ProofFailed: naming the first difference.
    """
    raise TypeError(f"no proof for {type(engine).__name__}")


@prove.register
def prove_table(engine: DecisionTable, forest: Any) -> str:
    """Compare every tree's leaves at both corners of every cell, and the answer at one."""
    forest = oracle_of(forest)
    _same_header(engine, forest)
    n_cells, n_trees = prod(engine.shape), len(forest.estimators_)
    if len(engine.answers) != n_cells:
        raise ProofFailed(f"The engine has {len(engine.answers):,} answers for {n_cells:,} cells.")
    for feature, grid in enumerate(engine.boundaries):
        if not ((grid[1:] > grid[:-1]).all() and (grid >= -LARGEST).all() and (grid < LARGEST).all()):
            raise ProofFailed(f"The boundaries of feature {feature} do not ascend within the domain.")
    lows = [np.append(-LARGEST, np.nextafter(grid, np.inf)) for grid in engine.boundaries]
    highs = [np.append(grid, LARGEST) for grid in engine.boundaries]
    for cells in blocks(n_cells, max(1, _BLOCK_LEAVES // n_trees)):
        low, high = corners(lows, cells), corners(highs, cells)
        split = (ask(forest.apply, low) != ask(forest.apply, high)).any(axis=1)
        _nowhere(split, cells, "cell {} is cut by a split: a boundary is missing or displaced")
        answers = engine.probabilities[engine.answers[cells]]
        wrong = (ask(forest.predict_proba, low).view(np.uint64) != answers.view(np.uint64)).any(axis=1)
        _nowhere(wrong, cells, "cell {} holds another answer than the forest's")
    return f"{n_trees} trees agree at both corners of each of {n_cells:,} cells"


@prove.register
def prove_flat(engine: FlatForest, forest: Any) -> str:
    """Compare the arrays with those of scikit-learn's trees, node by node."""
    forest = oracle_of(forest)
    _same_header(engine, forest)
    trees = trees_of(forest)
    starts = np.cumsum([0, *(tree.node_count for tree in trees)])
    if not np.array_equal(engine.roots, starts[:-1]) or len(engine.feature) != starts[-1]:
        raise ProofFailed("The engine has other trees than the forest.")
    for start, tree in zip(starts, trees, strict=False):
        _same_tree(engine, tree, int(start))
    return f"{len(engine.feature):,} nodes of {len(trees)} trees equal scikit-learn's"


def _same_tree(engine: FlatForest, tree: Any, start: int) -> None:
    nodes = np.arange(start, start + tree.node_count)
    leaf = tree.children_left < 0
    for name, expected in (
        ("feature", np.where(leaf, 0, tree.feature)),
        ("left", np.where(leaf, nodes, tree.children_left + start)),
        ("right", np.where(leaf, nodes, tree.children_right + start)),
    ):
        _nowhere(getattr(engine, name)[nodes] != expected, nodes, f"node {{}} differs in {name}")
    votes = np.ascontiguousarray(tree.value[:, 0, :])
    differ = (engine.votes[nodes].view(np.uint64) != votes.view(np.uint64)).any(axis=1)
    _nowhere(differ, nodes, "node {} differs in votes")
    _nowhere(_displaced(engine.boundary[nodes], tree.threshold) & ~leaf, nodes, "node {} differs in boundary")


def _displaced(boundary: NDArray[Any], threshold: NDArray[Any]) -> NDArray[Any]:
    """Return where the boundary is not the last double that scikit-learn sends left."""
    last = np.clip(boundary, -LARGEST, LARGEST)
    following = np.clip(np.nextafter(boundary, np.inf), -LARGEST, LARGEST)
    goes_left = last.astype(np.float32) <= threshold
    next_goes_right = following.astype(np.float32) > threshold
    below_domain, above_domain = boundary < -LARGEST, boundary >= LARGEST
    return np.asarray(~((goes_left | below_domain) & (next_goes_right | above_domain)))


def _same_header(engine: Engine, forest: Any) -> None:
    if engine.n_features != forest.n_features_in_:
        raise ProofFailed(f"The engine has {engine.n_features} features, the forest {forest.n_features_in_}.")
    # Of equal kinds, too: for NumPy 1, 1.0 and True are equal.
    if engine.classes.dtype.kind != forest.classes_.dtype.kind or not np.array_equal(engine.classes, forest.classes_):
        raise ProofFailed("The engine has other classes than the forest.")


def _nowhere(fault: NDArray[Any], places: NDArray[Any], sentence: str) -> None:
    if fault.any():
        raise ProofFailed(f"The engine differs from its forest: {sentence.format(places[fault.argmax()])}.")
