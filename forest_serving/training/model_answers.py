"""How a model's answers are spread: to the rows of its training data, and to such as the answering trees never saw."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.engine import Engine
from forest_serving.engines.fold import Inputs
from forest_serving.engines.oracle import Oracle
from forest_serving.training.features import deciles_of, parts_of
from forest_serving.training.raw_values import Floats

_MOST_ROWS = 100_000  # are answered by the engine
_MOST_UNSEEN = 10_000  # and by single trees of scikit-learn, in a second or two
_LEAST_UNSEEN = 200  # of fewer any answers would do


class Answers(NamedTuple):
    """Counts of answers, as a model's card has them."""

    deciles: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    unseen_counts: tuple[int, ...] = ()


def model_answers(model: Any, inputs: Inputs, engine: Engine, rows: Floats, new_rows: Floats | None = None) -> Answers:
    """Return the spread of a model's answers.

    Args:
        model: fitted, as unpacked returned it.
        inputs: the same, taken apart.
        engine: compiled of it.
        rows: of the training data, or some of them, shape (n_rows, n_features). A forest that drew rows for each tree
            is asked for those that a tree did not draw, if these are all.
        new_rows: which the model has not learned, for one of whose trees nobody knows what they drew.
    """
    some = np.ascontiguousarray(rows[:: _step(rows, _MOST_ROWS)])
    answers_to: Callable[[Floats], NDArray[Any]] = engine.classify if engine.is_classifier else engine.predict
    unseen = _answers_to_unseen(model, inputs, rows)
    if not len(unseen) and new_rows is not None and len(new_rows) >= _LEAST_UNSEEN:
        unseen = answers_to(np.ascontiguousarray(new_rows[:: _step(new_rows, _MOST_ROWS)]))
    if engine.is_classifier:
        answers, n_classes = answers_to(some), len(engine.classes)
        return Answers((), _by_class(answers, n_classes), _by_class(unseen, n_classes))
    numbers = answers_to(some)
    deciles = deciles_of(numbers)
    return Answers(
        tuple(deciles.tolist()), parts_of(deciles, numbers), parts_of(deciles, unseen) if len(unseen) else ()
    )


def _by_class(positions: NDArray[Any], n_classes: int) -> tuple[int, ...]:
    return tuple(np.bincount(positions, minlength=n_classes).tolist()) if len(positions) else ()


def _answers_to_unseen(model: Any, inputs: Inputs, rows: Floats) -> NDArray[Any]:
    """Return the answers of a forest's trees to the rows that they did not draw; none if nobody can tell which."""
    forest = inputs.trees
    if not getattr(forest, "bootstrap", False) or getattr(forest, "_n_samples", None) != len(rows):
        return np.zeros(0)
    step = _step(rows, _MOST_UNSEEN)
    given, width = Oracle(model, inputs).given(rows[::step]).astype(np.float32), len(getattr(forest, "classes_", "1"))
    sums, n_trees = np.zeros((len(given), width)), np.zeros(len(given))
    for tree, drawn in zip(forest.estimators_, forest.estimators_samples_, strict=True):
        is_unseen = np.ones(len(rows), bool)
        is_unseen[drawn] = False
        places = np.flatnonzero(is_unseen[::step])
        if len(places):
            sums[places] += tree.tree_.predict(given[places]).reshape(len(places), width)
            n_trees[places] += 1
    asked = n_trees > 0
    answers: NDArray[Any] = (
        sums[asked].argmax(axis=1) if hasattr(forest, "classes_") else sums[asked, 0] / n_trees[asked]
    )
    return answers


def _step(rows: Floats, most: int) -> int:
    return max(1, -(-len(rows) // most))
