"""From the sums that trees make to what a model answers, with the very steps of scikit-learn.

A forest takes the mean. Boosting sums a raw score, from which a class follows, and a probability by a link function.
1 / (1 + math.exp(-z)) equals SciPy's expit in every bit on one machine, NumPy's exp does not; the softmax of several
classes, and exp, are NumPy's in scikit-learn, too.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from forest_serving.engines.engine import Floats, Positions

One = Callable[[float], tuple[int, list[float]]]  # the only sum of a row → position and probabilities, or 0 and a value
Classify = Callable[[Floats], Positions]  # sums, shape (n_rows, n_outputs) → positions of classes
Answer = Callable[[Floats, int], Floats]  # sums and the number of trees → probabilities, or values, shape (n_rows,)


class Link(NamedTuple):
    """How sums become answers.

    Attributes:
        answer: gives probabilities, shape (n_rows, n_classes), or values, shape (n_rows,).
        classify: gives the position of the class; None for a regressor.
        one: gives one row's class and probabilities, or 0 and its value; None if that takes NumPy.
        fits: whether there can be so many classes, and sums of a row.
    """

    answer: Answer
    classify: Classify | None
    one: One | None
    fits: Callable[[int, int], bool]


def _largest(sums: Floats) -> Positions:
    positions: Positions = sums.argmax(axis=1)
    return positions


def _mean(sums: Floats, n_trees: int) -> Floats:
    means: Floats = sums / n_trees
    return means


def _expit(z: float) -> float:
    """Return SciPy's expit."""
    try:
        return 1 / (1 + math.exp(-z))
    except ArithmeticError:
        return 0.0


_expits = np.frompyfunc(_expit, 1, 1)


def _two(second: Floats) -> Floats:
    return np.stack([1 - second, second], axis=1)


def _logistic(sums: Floats, n_trees: int) -> Floats:
    return _two(np.asarray(_expits(sums[:, 0]), np.float64))


def _logistic_of_double(sums: Floats, n_trees: int) -> Floats:
    return _two(np.asarray(_expits(2 * sums[:, 0]), np.float64))


def _one_above_zero(score: float) -> tuple[int, list[float]]:
    second = _expit(score)
    return int(score > 0), [1 - second, second]


def _one_from_zero(score: float) -> tuple[int, list[float]]:
    second = _expit(score)
    return int(score >= 0), [1 - second, second]


def _one_of_double(score: float) -> tuple[int, list[float]]:
    second = _expit(2 * score)
    return int(score >= 0), [1 - second, second]


def _softmax(scores: Floats) -> Floats:
    """Return sklearn.utils.extmath.softmax."""
    scores = scores - scores.max(axis=1).reshape(-1, 1)
    np.exp(scores, scores)
    scores /= scores.sum(axis=1).reshape(-1, 1)
    return scores


def _softmax_by_row(sums: Floats, n_trees: int) -> Floats:
    return _softmax(sums)


def _softmax_by_column(sums: Floats, n_trees: int) -> Floats:
    # NumPy adds in an order that depends on how an array lies in memory, and HistGradientBoosting's lies by columns.
    return np.ascontiguousarray(_softmax(np.asfortranarray(sums)))


def _mean_value(sums: Floats, n_trees: int) -> Floats:
    values: Floats = sums[:, 0] / n_trees
    return values


def _identity(sums: Floats, n_trees: int) -> Floats:
    return sums[:, 0]


def _one_value(value: float) -> tuple[int, list[float]]:
    return 0, [value]


def _exp(sums: Floats, n_trees: int) -> Floats:
    values: Floats = np.exp(sums[:, 0])
    return values


def _above_zero(sums: Floats) -> Positions:
    return (sums[:, 0] > 0).astype(np.intp)


def _from_zero(sums: Floats) -> Positions:
    return (sums[:, 0] >= 0).astype(np.intp)


def _one_each(n_classes: int, n_sums: int) -> bool:
    return n_classes == n_sums > 0


def _of_two(n_classes: int, n_sums: int) -> bool:
    return (n_classes, n_sums) == (2, 1)


def _no_class(n_classes: int, n_sums: int) -> bool:
    return (n_classes, n_sums) == (0, 1)


LINKS = {
    "mean": Link(_mean, _largest, None, _one_each),
    "softmax by row": Link(_softmax_by_row, _largest, None, _one_each),
    "softmax by column": Link(_softmax_by_column, _largest, None, _one_each),
    "logistic above zero": Link(_logistic, _above_zero, _one_above_zero, _of_two),
    "logistic from zero": Link(_logistic, _from_zero, _one_from_zero, _of_two),
    "logistic of double": Link(_logistic_of_double, _from_zero, _one_of_double, _of_two),
    "mean value": Link(_mean_value, None, _one_value, _no_class),
    "value": Link(_identity, None, _one_value, _no_class),
    "exp of value": Link(_exp, None, None, _no_class),
}
