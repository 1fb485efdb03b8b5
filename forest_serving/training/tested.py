"""How good a model that was trained elsewhere is: what is served, asked for rows that it has not learned from."""

import hashlib
from collections.abc import Sequence
from math import isnan, nan
from typing import Any

import numpy as np

from forest_serving.card import Category, Feature
from forest_serving.engines.engine import Engine
from forest_serving.training.held_out import HeldOut, check_bounds
from forest_serving.training.number_scores import WORDS, judged_numbers, numbers_of
from forest_serving.training.raw_values import Floats
from forest_serving.training.scores import MEASURES, judged

_SEED = 0
_SHUFFLES = 10
_MOST_ASKED = 300_000  # rows for all importances together: some seconds


def tested(
    engine: Engine, features: Sequence[Feature], classes: Sequence[Category], held_out: HeldOut, learned: Floats
) -> dict[str, Any]:
    """Return the report of a model, in JSON types, as evaluation.evaluate does of one that was trained here.

    Args:
        engine: what is served.
        features: its columns.
        classes: its classes; none for a regressor.
        held_out: rows that it has not learned from, and what is true of them.
        learned: those that it has, or some of them, shape (n_rows, n_features).

    Raises:
        BadTrainingData: if a row would not be answered.
    """
    check_bounds(held_out, features)
    rows, truth = held_out
    if classes:
        holdout = judged(truth, engine.predict_proba(rows), [category.name for category in classes])
    else:
        holdout = judged_numbers(truth, engine.predict(rows))
    best = [key for measure in (*MEASURES, *WORDS) for key in (measure, f"{measure}_95_interval") if key in holdout]
    report = {"rows": len(learned), "split": _split(held_out, learned), "holdout": holdout}
    report |= {key: holdout[key] for key in best}
    if classes:
        report["commonest_class_share"] = round(float(np.bincount(truth).max() / len(truth)), 4)
    return report | _importance(engine, features, held_out)


def _split(held_out: HeldOut, learned: Floats) -> dict[str, Any]:
    """Return what is known of the split; rows are compared by their bytes, as gaps equal nothing."""
    known = {row.tobytes() for row in learned}
    return {
        "how": "rows that were given for the test",
        "holdout_rows": len(held_out.rows),
        "holdout_sha256": hashlib.sha256(held_out.rows.tobytes() + held_out.truth.tobytes()).hexdigest(),
        "holdout_rows_also_in_training_data": sum(row.tobytes() in known for row in held_out.rows),
    }


def _importance(engine: Engine, features: Sequence[Feature], held_out: HeldOut) -> dict[str, Any]:
    """Return how much accuracy or R² is lost when a column is shuffled, as scikit-learn's permutation_importance."""
    step = -(-len(held_out.rows) * _SHUFFLES * len(features) // _MOST_ASKED)
    some, draws = HeldOut(held_out.rows[::step], held_out.truth[::step]), np.random.default_rng(_SEED)
    before = _score(engine, some)
    if isnan(before):
        return {"permutation_importance": {}}
    losses = {}
    for place, feature in enumerate(features):
        scores = [_score(engine, some._replace(rows=_shuffled(some.rows, place, draws))) for _ in range(_SHUFFLES)]
        losses[feature.name] = round(before - float(np.mean(scores)), 4)
    return {
        "permutation_importance": losses,
        "permutation_importance_of": f"{_SHUFFLES} shuffles of {len(some.rows):,} rows",
    }


def _score(engine: Engine, held_out: HeldOut) -> float:
    if engine.is_classifier:
        return float((engine.classify(held_out.rows) == held_out.truth).mean())
    return numbers_of(held_out.truth, engine.predict(held_out.rows)).get("r2", nan)


def _shuffled(rows: Floats, place: int, draws: np.random.Generator) -> Floats:
    shuffled = rows.copy()
    shuffled[:, place] = draws.permutation(rows[:, place])
    return shuffled
