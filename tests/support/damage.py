"""Plausibly damaged engines: made by the engines' own constructors, and right about nearly every row."""

from typing import Any

import numpy as np

from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Engine
from forest_serving.engines.flat_forest import FlatForest
from forest_serving.engines.proof import prove
from forest_serving.errors import ProofFailed

PARTS: dict[str, tuple[Any, list[str]]] = {
    "decision_table": (DecisionTable, ["boundaries", "answers", "probabilities", "classes"]),
    "flat_forest": (FlatForest, ["n_features", "roots", "feature", "boundary", "left", "right", "votes", "classes"]),
}


def rebuilt(engine: Any, **changes: Any) -> Engine:
    """Return another engine of the same kind, with some of its parts exchanged."""
    constructor, names = PARTS[engine.kind]
    return constructor(**{name: getattr(engine, name) for name in names} | changes)


def verdict(engine: Engine, forest: Any) -> str:
    """Return the sentence with which the proof fails, or an empty one if it holds."""
    try:
        prove(engine, forest)
    except ProofFailed as failure:
        return str(failure)
    return ""


def changed(array: np.ndarray, place: Any, value: Any) -> np.ndarray:
    """Return a copy of an array with another value at one place."""
    array = array.copy()
    array[place] = value
    return array


def flipped(array: np.ndarray, place: Any, bit: int) -> np.ndarray:
    """Return a copy of an array of doubles with one bit of one of them changed."""
    bits = array.view(np.uint64)
    return changed(bits, place, bits[place] ^ np.uint64(1 << bit)).view(np.float64)
