"""How good a regressor's answers are."""

from math import isfinite
from typing import Any

import numpy as np

from forest_serving.errors import BadTrainingData
from forest_serving.training.intervals import bootstrapped
from forest_serving.training.raw_values import Floats
from forest_serving.training.rounding import significant

WORDS = {"r2": "R²", "mae": "mean absolute error", "rmse": "root mean squared error"}
N_PARTS = 10  # of the rows, in the order of their answers
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_LARGEST = 1e150  # whose square is a double


def numbers_of(truth: Floats, answers: Floats) -> dict[str, float]:
    """Return R², mean absolute error and root mean squared error; R² only where it is a number.

    It is none where the truth is the same for all rows, or differs by so little that a double cannot hold the ratio.

    Args:
        truth: shape (n_rows,).
        answers: shape (n_rows,).
    """
    errors = answers - truth
    scores = {"mae": float(np.abs(errors).mean()), "rmse": float(np.sqrt((errors * errors).mean()))}
    if truth.min() == truth.max():  # their mean may differ from all of them
        return scores
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        r2 = float(1 - (errors * errors).mean() / ((truth - truth.mean()) ** 2).mean())
    return {"r2": r2, **scores} if isfinite(r2) else scores


def judged_numbers(truth: Floats, answers: Floats) -> dict[str, Any]:
    """Return the scores with their 95 % intervals (bootstrap), the errors' quantiles, and answers beside the truth.

    Raises:
        BadTrainingData: if errors are too large to be squared.
    """
    if max(np.abs(truth).max(), np.abs(answers).max()) > _LARGEST:
        raise BadTrainingData(f"A target of the test, or an answer, is beyond {_LARGEST:g}; save without the test.")
    errors = np.quantile(answers - truth, _QUANTILES)
    parts = np.array_split(np.argsort(answers, kind="stable"), min(N_PARTS, len(answers)))
    return {
        "rows": len(truth),
        **{name: significant(value) for name, value in numbers_of(truth, answers).items()},
        **{f"{name}_95_interval": ends for name, ends in bootstrapped(numbers_of, truth, answers).items()},
        "error_quantiles": [
            {"share": share, "error": significant(error)} for share, error in zip(_QUANTILES, errors, strict=True)
        ],
        "by_answer": [
            {
                "rows": len(part),
                "predicted": significant(float(answers[part].mean())),
                "true": significant(float(truth[part].mean())),
            }
            for part in parts
        ],
    }
