"""Rows and their answers → how many fell into each bin of each column, for many rows at once."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import N_DECILES, UNKNOWN
from forest_serving.drift.columns import FIRST, ODD, Column

Ints = NDArray[np.int64]


class Binning:
    """Counts rows.

    Args:
        columns: what is watched, the answers at the end.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        *features, answers = columns
        self._numbers = [place for place, column in enumerate(features) if column.ends]
        self._categories = [place for place, column in enumerate(features) if not column.ends]
        self._answers_are_numbers = bool(answers.ends)
        numbers, categories = list(self._numbers), list(self._categories)
        (numbers if answers.ends else categories).append(len(features))
        order = [*numbers, *categories]  # of the bins
        begins = list(accumulate((columns[place].n_bins for place in order), initial=0))
        begin_of = dict(zip(order, begins, strict=False))
        self.slices = [slice(begin_of[place], begin_of[place] + each.n_bins) for place, each in enumerate(columns)]
        self.n_bins = begins[-1]
        self._begins = np.array([_begins(columns[place]) for place in numbers]).reshape(len(numbers), N_DECILES + 1, 1)
        self._table, self._codes_begin = _table([columns[place] for place in categories])
        self._n_of_categories = sum(columns[place].n_bins for place in categories)

    def count(self, rows: NDArray[np.float64], answers: NDArray[Any]) -> Ints:
        """Return the counts of all bins, shape (n_bins,), column by column as in slices.

        Args:
            rows: shape (n_rows, n_columns - 1), as rows/ says.
            answers: shape (n_rows,), the positions of classes, or numbers.
        """
        of_features = rows.T
        numbers = of_features[self._numbers]
        if self._answers_are_numbers:
            numbers, codes = np.vstack([numbers, answers]), _codes(of_features[self._categories])
        else:
            codes = answers[np.newaxis] + FIRST
            if self._categories:  # if not, nothing is the fastest
                codes = np.vstack([_codes(of_features[self._categories]), codes])
        return np.concatenate([self._count_numbers(numbers), self._count_codes(codes)])

    def _count_numbers(self, values: NDArray[np.float64]) -> Ints:
        """Count by how many values are above the beginning of each bin: faster than to search for the bin of each."""
        n_columns, n_begins, _ = self._begins.shape
        above = np.zeros((n_columns, n_begins + 2), np.int64)
        above[:, 0] = values.shape[1]
        is_above = values[:, np.newaxis, :] > self._begins
        np.add.reduce(is_above.view(np.uint8), axis=2, dtype=np.int64, out=above[:, 1:-1])
        return (above[:, :-1] - above[:, 1:]).ravel()

    def _count_codes(self, codes: NDArray[np.intp]) -> Ints:
        return np.bincount(self._table[codes + self._codes_begin].ravel(), minlength=self._n_of_categories)


def _begins(column: Column) -> list[float]:
    """Return what the values of each bin but the first are above. A missing value is above nothing."""
    lowest, *others = column.ends
    return [-np.inf, float(np.nextafter(lowest, -np.inf)), *others]


def _codes(positions: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return 0 for a missing value, 1 for an unknown category, and from 2 on the categories of the card."""
    return np.where(np.isnan(positions), 0, positions + ODD - UNKNOWN).astype(np.intp)


def _table(columns: Sequence[Column]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the bin of each code of each column, one column behind the other, and where each column begins."""
    begins = accumulate((column.n_bins for column in columns), initial=0)
    tables = [np.array([0, ODD, *column.bins]) + begin for column, begin in zip(columns, begins, strict=False)]
    codes_begin = list(accumulate(map(len, tables), initial=0))[:-1]
    return np.concatenate(tables) if tables else np.zeros(0, np.intp), np.array(codes_begin, np.intp)[:, np.newaxis]
