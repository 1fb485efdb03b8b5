"""The slowest requests, and the rows that lie farthest from the training data."""

import heapq
from math import log10
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import UNKNOWN, Card, Feature
from forest_serving.report.batches import Batch, is_number
from forest_serving.report.lines import Line

N_KEPT = 12
RARE = 0.01  # a value that fewer of the training rows have is odd
_ROWS_IF_UNKNOWN = 100  # of the training data, where the card does not tell
Floats = NDArray[np.float64]


class Odd(NamedTuple):
    """A record, how odd it is, and why."""

    score: float
    line: Line
    why: str


class Notable:
    """Looks for them, a batch at a time.

    Args:
        card: the model's.
    """

    def __init__(self, card: Card) -> None:
        self._features = card.features
        self._slowest: list[tuple[float, int, Line]] = []
        self._oddest: list[tuple[float, int, Line, str]] = []
        self._n_seen = 0

    def add(self, batch: Batch) -> None:
        """Look at a batch."""
        took_s = np.array([line.duration_s if line.row == 0 else -1.0 for line in batch.lines])
        for place in _largest(took_s):
            if took_s[place] >= 0:
                self._keep(self._slowest, float(took_s[place]), batch.lines[place])
        if not batch.lines:
            return
        scores = np.stack([_oddity(each, batch.rows[:, n]) for n, each in enumerate(self._features)])
        scores[batch.absent.T] = 0.0
        totals = scores.sum(axis=0)
        for place in _largest(totals):
            if totals[place] > 0:
                worst = np.argsort(-scores[:, place])[:3].tolist()
                named = [self._features[n] for n in worst if scores[n, place] > 0]
                why = "; ".join(_words(each, batch.lines[place]) for each in named)
                self._keep(self._oddest, float(totals[place]), batch.lines[place], why)

    @property
    def slowest(self) -> list[Line]:
        """One record of each of the slowest requests."""
        return [line for _, _, line in sorted(self._slowest, reverse=True)]

    @property
    def oddest(self) -> list[Odd]:
        """The oddest records."""
        return [Odd(score, line, why) for score, _, line, why in sorted(self._oddest, reverse=True)]

    def _keep(self, heap: list[Any], score: float, *more: Any) -> None:
        self._n_seen += 1  # of two that are equal, the first stays
        (heapq.heappush if len(heap) < N_KEPT else heapq.heappushpop)(heap, (score, -self._n_seen, *more))


def _largest(values: Floats) -> list[int]:
    if len(values) <= N_KEPT:
        return list(range(len(values)))
    found: list[int] = np.argpartition(-values, N_KEPT)[:N_KEPT].tolist()
    return found


def _oddity(feature: Feature, column: Floats) -> Floats:
    """Return how odd each value of a column is: 0 if it is not, else how many digits its share of the rows has."""
    n_rows = sum(feature.counts) + feature.n_missing + feature.n_unknown if feature.counts else _ROWS_IF_UNKNOWN
    never = log10(n_rows + 1)
    missing = _digits(feature.n_missing, n_rows) if feature.counts else 0.0
    found = np.where(np.isnan(column), missing, 0.0)
    if feature.categories:
        shares = [_digits(n, n_rows) for n in feature.counts] or [0.0] * len(feature.categories)
        codes = np.where(np.isnan(column), 0, column).astype(np.intp)
        known = np.where(codes == UNKNOWN, never, np.array(shares)[codes])
        return np.where(np.isnan(column), found, known)
    low, high = feature.range
    beyond = np.maximum(low - column, column - high)
    width = (high - low) or max(1.0, abs(high))
    with np.errstate(invalid="ignore", over="ignore"):
        far = never + np.log10(1 + np.maximum(beyond, 0) / width)
        return np.where(beyond > 0, far, found)


def _digits(n_some: int, n_rows: int) -> float:
    share = (n_some + 1) / (n_rows + 1)
    return -log10(share) if share < RARE else 0.0


def _words(feature: Feature, line: Line) -> str:
    value = line.features.get(feature.name)
    if feature.name in line.unknown:
        return f"{feature.name}: a category that the model does not know"
    if value is None:
        return f"{feature.name} is missing"
    if feature.categories:
        return f"{feature.name} = {value}, rare in training"
    if not is_number(value):
        return f"{feature.name} is no number"
    return f"{feature.name} = {value:g}, in training {feature.range[0]:g} to {feature.range[1]:g}"
