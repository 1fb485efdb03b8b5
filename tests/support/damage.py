"""Plausibly damaged engines: made by the engines' own constructors, and right about nearly every row."""

from functools import lru_cache
from inspect import signature
from typing import Any, TypeVar

import numpy as np

from forest_serving.engines.engine import Engine
from forest_serving.engines.proof import prove
from forest_serving.errors import ProofFailed
from tests.support.compiled import inputs_of

AnyEngine = TypeVar("AnyEngine", bound=Engine)


def rebuilt(engine: AnyEngine, **changes: object) -> AnyEngine:
    """Return another engine of the same kind, with some of its parts exchanged."""
    parts = {name: getattr(engine, name) for name in signature(type(engine)).parameters}
    return type(engine)(**parts | changes)


def verdict(engine: Engine, forest: Any) -> str:
    """Return the sentence with which the proof fails, or an empty one if it holds."""
    try:
        prove(engine, forest, _taken_apart(forest))
    except ProofFailed as failure:
        return str(failure)
    return ""


_taken_apart = lru_cache(maxsize=1)(inputs_of)  # hundreds of damaged engines are compared with one forest


def changed(array: np.ndarray, place: Any, value: Any) -> np.ndarray:
    """Return a copy of an array with another value at one place."""
    array = array.copy()
    array[place] = value
    return array


def flipped(array: np.ndarray, place: Any, bit: int) -> np.ndarray:
    """Return a copy of an array of doubles with one bit of one of them changed."""
    bits = array.view(np.uint64)
    return changed(bits, place, bits[place] ^ np.uint64(1 << bit)).view(np.float64)
