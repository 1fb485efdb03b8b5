"""How rows differ from the training data: the one place where the report meets drift/."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import Card
from forest_serving.drift.binning import Binning
from forest_serving.drift.columns import Column, columns_of
from forest_serving.drift.reference import Reference
from forest_serving.drift.watch import Look, Watch
from forest_serving.monitoring.counts import Piece

Ints = NDArray[np.int64]


class Shift:
    """Counts the values of a model's columns, and compares the counts with those of the training data.

    Args:
        card: the model's.

    Attributes:
        columns: the features that are watched, and at the end the answers.
        places: where the bins of each are among the counts.
    """

    def __init__(self, card: Card) -> None:
        self.card, self.is_classifier = card, card.is_classifier
        self.columns: tuple[Column, ...] = columns_of(card)
        self.n_features = len(self.columns) - 1
        binning = Binning(self.columns)
        self.places, self.n_bins = binning.slices, binning.n_bins
        self._count = binning.count
        known = [(column, place) for column, place in zip(self.columns, self.places, strict=True) if column.training]
        self._known = [column.name for column, _ in known]
        self._reference = Reference(*zip(*known, strict=True)) if known else Reference((), ())

    def count(self, rows: NDArray[np.float64], answers: NDArray[Any]) -> Ints:
        """Return how many values fall into each bin."""
        return self._count(rows[:, : self.n_features], answers)

    def psi(self, counts: Ints) -> dict[str, float]:
        """Return the PSI of each column whose training data are known."""
        return {name: each.psi for name, each in zip(self._known, self._reference.differences(counts), strict=True)}

    def look(self, spans: Sequence[tuple[float, Ints, int]]) -> Look:
        """Return how all differ, and the latest by themselves.

        Args:
            spans: when each ended, its counts and its number of rows.
        """
        pieces = [Piece(end_s, n_rows, counts.tolist()) for end_s, counts, n_rows in spans]
        return Watch(self.card, max(1, sum(n_rows for _, _, n_rows in spans)), lambda: pieces).look()
