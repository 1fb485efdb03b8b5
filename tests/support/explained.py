"""Models that are explained as a server does it, without a store, and rows to ask about."""

import numpy as np

from forest_serving.card import UNKNOWN
from forest_serving.engines.compile import compile_model
from forest_serving.explain.archive import unpack
from forest_serving.explain.contributions import Contributions
from forest_serving.explain.explainer import explainer_of
from forest_serving.explain.saving import explanation_of
from forest_serving.models import store
from forest_serving.turns import at_once


def contributions_of(inputs, kind="auto"):
    """Return what finds contributions, out of what saving would write, and the engine."""
    engine = compile_model(inputs, kind).engine
    explained = unpack(explanation_of(inputs, engine), engine)
    return Contributions(explained.forest, explained.cover, engine), engine


def found_by(contributions, rows):
    """Return the contributions to rows, at once."""
    return at_once(contributions.find_in_turns(np.ascontiguousarray(rows, np.float64)))


def sums_of(engine, explains, rows):
    """Return what base and contributions must add up to where the model answers with that: not for raw scores."""
    outputs = engine.outputs_of(engine.find(np.ascontiguousarray(rows, np.float64)))
    assert explains != "raw_score"
    return outputs.reshape(len(rows), -1)


def stored_explainer(model):
    """Return what explains a model out of the store, as a worker has it."""
    return explainer_of(model.card, model.engine, lambda: store.explanation(model.tag, model.card))


def rows_of(features, n=20, seed=0):
    """Return rows, shape (n, n_features), of numbers around 50, of all categories, and of gaps where there may be."""
    rng, columns = np.random.default_rng(seed), []
    for feature in features:
        if feature.categories:
            values = rng.integers(UNKNOWN if feature.takes_unknown else 0, len(feature.categories), n).astype(float)
        else:
            values = rng.choice([rng.normal(50, 30, n), rng.integers(0, 9, n)])
        columns.append(np.where(rng.random(n) < 0.2, np.nan, values) if feature.takes_missing else values)
    return np.stack(columns, axis=1)
