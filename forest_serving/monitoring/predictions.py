"""What was asked and answered: kept as it came, counted many rows at a time."""

from itertools import chain
from typing import Any, Protocol

import numpy as np

from forest_serving.card import Card, Feature
from forest_serving.kernel.bounds import Bounds
from forest_serving.monitoring.counts import Counts, Piece, observe, row_bounds
from forest_serving.rows.numbers import FEW_ROWS

FOLD_LISTED_VALUES = 8_000  # counting so many out of lists takes about 0.3 ms; a list has FEW_ROWS rows at most
FOLD_VALUES = 40_000  # and so many out of arrays about 0.05 ms
MOST_COUNTED = 1e290  # what is added to a sum for a number beyond


class Recent(Protocol):
    """What else is counted of the latest rows."""

    pieces: list[Piece]

    def add(self, rows: Any, answers: Any) -> None:
        """Take arrays: rows, and the positions of their classes or their numbers."""
        ...

    def settle(self) -> None:
        """Count what is not counted yet."""
        ...


class Predictions:
    """Counts rows, classes or a regressor's numbers, and values out of range.

    Args:
        card: the model's.
        counts: where they are counted.
        recent: counts the latest of them, too; None if nobody looks at these.
    """

    def __init__(self, card: Card, counts: Counts, recent: Recent | None = None) -> None:
        self.counts = counts
        self._recent = recent
        counts.pieces = recent.pieces if recent else []
        self._bounds = row_bounds(len(counts.rows) - 2)
        self._count_results = self._count_classes if card.is_classifier else self._add_numbers
        self._ranges = Bounds(*np.array(list(map(_range, card.features))).T)
        self._fold_rows = max(1, FOLD_VALUES // len(card.features))
        self._n_rows: list[int] = []
        self._lists: list[tuple[Any, Any]] = []  # rows in lists, and the positions of their classes, or numbers
        self._fold_lists = max(1, FOLD_LISTED_VALUES // (FEW_ROWS * len(card.features)))
        self._arrays: list[tuple[Any, Any]] = []  # rows in arrays, and the same of them
        self._n_array_rows = 0

    def note(self, asked: tuple[Any, Any]) -> None:
        """Note a request's rows and what was found for them, as lists or arrays that will not change."""
        if type(asked[0]) is list:
            self._lists.append(asked)
            if len(self._lists) >= self._fold_lists:
                self._count_lists()
        else:
            self._arrays.append(asked)
            self._n_rows.append(len(asked[1]))
            self._n_array_rows += len(asked[1])
            if self._n_array_rows >= self._fold_rows:
                self._count_arrays()

    def fold(self) -> None:
        """Count what was noted."""
        self._count_lists()
        self._count_arrays()
        if self._recent:
            self._recent.settle()
        observe(self.counts.rows, self._bounds, self._n_rows)
        self._n_rows.clear()

    def _count_lists(self) -> None:
        if self._lists:
            lists, found = zip(*self._lists, strict=True)
            self._lists.clear()
            self._n_rows.extend(map(len, found))
            values, results = chain.from_iterable(chain.from_iterable(lists)), list(chain.from_iterable(found))
            self._count(np.fromiter(values, np.float64).reshape(len(results), -1), results)

    def _count_arrays(self) -> None:
        arrays, self._arrays, self._n_array_rows = self._arrays, [], 0
        if arrays:
            rows, results = arrays[0] if len(arrays) == 1 else map(np.concatenate, zip(*arrays, strict=True))
            self._count(rows, results)

    def _count(self, rows: Any, results: Any) -> None:
        results = np.asarray(results)
        self._count_results(results)
        if self._recent:
            self._recent.add(rows, results)
        if not self._ranges.hold(rows):  # as they mostly do
            for feature, n_values in enumerate(self._ranges.n_beyond(rows)):
                self.counts.out_of_range[feature] += n_values

    def _count_classes(self, positions: Any) -> None:
        for position, n_rows in enumerate(np.bincount(positions).tolist()):
            self.counts.predictions[position] += n_rows

    def _add_numbers(self, numbers: Any) -> None:
        # No file of counts can hold infinity, which the sum of a million billion rows does not reach so.
        self.counts.predicted_sum += float(np.clip(numbers, -MOST_COUNTED, MOST_COUNTED).sum())


def _range(feature: Feature) -> tuple[float, float]:
    """Return which values the training data had, as rows hold them: an unknown category is out of range."""
    return (0.0, len(feature.categories) - 1.0) if feature.categories else feature.range
