"""Proof that the trees of a compiled forest are scikit-learn's, node by node."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.columns import LEAF
from forest_serving.engines.engine import Floats
from forest_serving.engines.ensembles import Ensemble, ensemble_of
from forest_serving.engines.forest import Forest
from forest_serving.engines.labels import are_same
from forest_serving.errors import ProofFailed

Numbers = NDArray[np.int64]


def prove_trees(engine: Forest, trees: Any) -> Numbers:
    """Walk both sides from all roots at once, level by level.

    Returns:
        The engine's node for each of scikit-learn's, all trees' counted through.

    Raises:
        ProofFailed: naming the first difference.
    """
    ensemble = ensemble_of(trees)
    _same_frame(engine, ensemble)
    found = np.full(len(ensemble.nodes.left), -1)
    theirs, ours = ensemble.starts[:-1], engine.trees.roots.astype(np.int64)
    while len(theirs):
        found[theirs] = ours
        theirs, ours = _children(engine, ensemble, theirs, ours)
    return found


def _children(engine: Forest, ensemble: Ensemble, theirs: Numbers, ours: Numbers) -> tuple[Numbers, Numbers]:
    """Compare some nodes, and return their children side by side."""
    leaf = ensemble.nodes.left[theirs] < 0
    own = engine.trees.nodes[ours]
    _nowhere((own["rank"] == LEAF) != leaf, theirs, "node {} is a leaf on one side only")
    values = engine.trees.values[engine.trees.value_of[ours[leaf]]]
    _nowhere(differ_in_bits(values, ensemble.nodes.value[theirs[leaf]]), theirs[leaf], "leaf {} has another value")
    inner, left = theirs[~leaf], own["left"][~leaf].astype(np.int64)
    children = np.concatenate([ensemble.nodes.left[inner], ensemble.nodes.right[inner]])
    return children, np.concatenate([left, left + 1])


def _same_frame(engine: Forest, ensemble: Ensemble) -> None:
    """Compare all that is not in nodes."""
    facts = {
        "trees": len(engine.trees.roots) == len(ensemble.output),
        "nodes": len(engine.trees.nodes) == len(ensemble.nodes.left),
        "outputs": np.array_equal(engine.trees.output, ensemble.output),
        "first sums": not differ_in_bits(engine.trees.base[np.newaxis], ensemble.base[np.newaxis]).any(),
        "links": engine.link == ensemble.link,
        "classes": are_same(engine.classes, ensemble.classes),
        "values": engine.trees.values.shape[1] == ensemble.nodes.value.shape[1],
    }
    for what, are_equal in facts.items():
        if not are_equal:
            raise ProofFailed(f"The engine has other {what} than the model.")


def differ_in_bits(ours: Floats, theirs: Floats) -> NDArray[np.bool_]:
    """Return which rows differ in any bit."""
    if ours.shape != theirs.shape:
        return np.ones(len(ours), np.bool_)
    bits = [np.ascontiguousarray(values, np.float64).view(np.uint64) for values in (ours, theirs)]
    differ: NDArray[np.bool_] = (bits[0] != bits[1]).any(axis=1)
    return differ


def _nowhere(fault: NDArray[np.bool_], places: Numbers, sentence: str) -> None:
    if fault.any():
        raise ProofFailed(f"The engine differs from its model: {sentence.format(places[fault.argmax()])}.")
