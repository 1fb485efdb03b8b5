"""What a model keeps, when it is saved, so that its answers can be explained."""

import numpy as np

from forest_serving.engines.compile import compile_forest, new_places
from forest_serving.engines.engine import Engine, Floats
from forest_serving.engines.ensembles import ensemble_of
from forest_serving.engines.fold import Inputs
from forest_serving.engines.forest import Forest
from forest_serving.explain.archive import Explained, are_usable, pack


def explanation_of(inputs: Inputs, engine: Engine) -> bytes:
    """Return the file that explains a model; nothing if weights of its training rows leave it without shares.

    Args:
        inputs: the model, as fold takes it apart.
        engine: compiled from it.
    """
    cover = covers_of(inputs)
    if not are_usable(cover):
        return b""
    return pack(Explained(engine if isinstance(engine, Forest) else compile_forest(inputs), cover), engine)


def covers_of(inputs: Inputs) -> Floats:
    """Return how many rows, or which weights of them, reached each node, in the order of compile_forest's nodes."""
    ensemble = ensemble_of(inputs.trees)
    cover = np.empty(len(ensemble.nodes.left))
    cover[new_places(ensemble)] = ensemble.nodes.cover
    return cover
