"""Models compiled as saving does, for tests that have no training data to tell what a model takes."""

from typing import Any

from forest_serving.card import N_DECILES, Feature
from forest_serving.engines.compile import compile_model
from forest_serving.engines.engine import Engine
from forest_serving.engines.fold import Inputs, fold, raw_columns
from forest_serving.engines.proof import prove
from forest_serving.engines.unpacking import unpacked


def inputs_of(model: Any, missing: tuple[int, ...] = ()) -> Inputs:
    """Return a model taken apart.

    Args:
        model: what unpacked takes.
        missing: the positions in X of the columns that may have gaps.
    """
    model = unpacked(model)
    features = []
    for column in raw_columns(model):
        name, gaps = column.name or f"x{column.position}", column.position in missing
        if column.categories is None:
            features.append(Feature(name=name, deciles=(0.0,) * N_DECILES, takes_missing=gaps))
        else:
            known = {"categories": column.categories, "takes_unknown": column.takes_unknown}
            features.append(Feature(name=name, takes_missing=gaps, **known))
    return fold(model, tuple(features))


def compiled(model: Any, kind: str = "auto", missing: tuple[int, ...] = ()) -> Engine:
    """Return a model's engine."""
    return compile_model(inputs_of(model, missing), kind).engine


def proved(engine: Engine, model: Any, missing: tuple[int, ...] = ()) -> str:
    """Return what the proof says that an engine equals a model; raises ProofFailed if it does not."""
    return prove(engine, model, inputs_of(model, missing))
