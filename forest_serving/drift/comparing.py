"""Counts of a window against those of the training data: PSI, χ², Fisher's exact test, and Holm's correction.

Each function takes many columns at once: arrays of shape (n_columns, n_groups), with zeros where a column has fewer.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forest_serving.drift.tails import chi_square_tail, share_tail

Counts = NDArray[np.float64]
ALMOST_NONE = 1e-4  # stands for a share of zero, whose logarithm there is not; Evidently has the same


def population_stability(window: Counts, training: Counts) -> NDArray[np.float64]:
    """Return the PSI of each column: Σ (window − training) × log(window / training), of shares."""
    now, then = (_shares(counts) for counts in (window, training))
    is_empty = (now == 0) & (then == 0)
    now, then = (np.where(is_empty, 1.0, np.where(shares == 0, ALMOST_NONE, shares)) for shares in (now, then))
    found: NDArray[np.float64] = ((now - then) * np.log(now / then)).sum(axis=1)
    return found


def chi_square(window: Counts, training: Counts) -> list[float]:
    """Return for each column how likely two samples of one distribution differ so much: Pearson's χ².

    The training data are a sample, too: of few rows, they may differ by chance from all that they stand for.
    """
    n_window, n_training = window.sum(axis=1, keepdims=True), training.sum(axis=1, keepdims=True)
    both = window + training
    with np.errstate(divide="ignore", invalid="ignore"):
        misses = (window * n_training - training * n_window) ** 2 / (both * n_window * n_training)
    statistics = np.nansum(misses, axis=1).tolist()
    n_free = np.count_nonzero(both, axis=1) - 1
    has_both = (n_window * n_training > 0).ravel()
    return [
        chi_square_tail(statistic, free) if has else 1.0
        for statistic, free, has in zip(statistics, n_free.tolist(), has_both.tolist(), strict=True)
    ]


def share_changes(n_some: int, n_rows: int, n_some_before: int, n_rows_before: int) -> float:
    """Return how likely two samples' shares of something differ so much, either way: Fisher's exact test, doubled."""
    return min(1.0, 2 * share_tail(n_some, n_rows, n_some_before, n_rows_before))


def holm(chances: Sequence[float]) -> list[float]:
    """Return chances corrected for their number, so that one of them below a level is as rare as the level says.

    Holm (1979), which holds however the columns depend on one another.
    """
    found, least = [1.0] * len(chances), 0.0
    for rank, place in enumerate(sorted(range(len(chances)), key=lambda place: chances[place])):
        least = max(least, min(1.0, (len(chances) - rank) * chances[place]))
        found[place] = least
    return found


def _shares(counts: Counts) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares
