"""How far an estimate from few rows can be off: 95 % intervals."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.training.rounding import significant
from forest_serving.wilson import wilson

_SEED = 0
_MOST_RESAMPLES, _FEWEST_RESAMPLES = 1_000, 100
_MOST_DRAWN = 20_000_000  # rows in all resamples together: seconds


def interval_of(held: NDArray[np.bool_]) -> list[float]:
    """Return the ends of the interval of a share, shape (n_rows,)."""
    _, low, high = wilson(int(held.sum()), len(held))
    return [round(low, 4), round(high, 4)]


def bootstrapped(measures: Callable[..., dict[str, float]], *arrays: NDArray[Any]) -> dict[str, list[float]]:
    """Return the ends of the percentile interval of each measure, the same ones each time.

    Args:
        measures: of arrays of as many rows; one that cannot be measured is left out.
        arrays: of the rows, each of shape (n_rows,).
    """
    n_rows, draws = len(arrays[0]), np.random.default_rng(_SEED)
    n_resamples = int(np.clip(_MOST_DRAWN // n_rows, _FEWEST_RESAMPLES, _MOST_RESAMPLES))
    found: dict[str, list[float]] = {}
    for _ in range(n_resamples):
        rows = draws.integers(0, n_rows, n_rows)
        for name, value in measures(*(array[rows] for array in arrays)).items():
            found.setdefault(name, []).append(value)
    return {name: [significant(end) for end in np.quantile(values, [0.025, 0.975])] for name, values in found.items()}
