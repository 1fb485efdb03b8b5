"""From values to ranks: what the trees of a compiled forest compare.

A column is a question about one feature. Its ascending boundaries cut the doubles into intervals: interval i holds
what is greater than boundary i - 1 and at most boundary i. The first boundary is -inf, so that interval 0 holds what is
greater than nothing: NaN, a missing value. What the trees are told is the interval's number or, where the column has
codes, its code. Scaling, encoding and filling in are folded into boundaries and codes (fold/, questions.py), so that a
value goes straight from the client to its rank.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.arrays import check, take
from forest_serving.engines.engine import Arrays, Floats

LEAF = 65_535  # the rank of a leaf; no rank of a row is greater
MOST_COLUMNS = 65_535
MOST_BOUNDARIES = 65_533  # of a column, so that all ranks are below LEAF

Ranks = NDArray[np.uint16]


class Column(NamedTuple):
    """One question.

    Attributes:
        feature: the position of its feature.
        boundaries: shape (n_intervals - 1,), ascending, the first one -inf.
        codes: shape (n_intervals,), the rank of each interval; None if it is the interval's number.
    """

    feature: int
    boundaries: Floats
    codes: Ranks | None = None

    def rank(self, values: Floats) -> Ranks:
        """Return the rank of each value, of the same shape."""
        intervals = np.where(np.isnan(values), 0, self.boundaries.searchsorted(values))
        return (intervals if self.codes is None else self.codes[intervals]).astype(np.uint16)


class Columns(NamedTuple):
    """All columns of a forest, in the arrays that the kernel reads.

    Attributes:
        feature: shape (n_columns,), uint32, which value of a row.
        begin: shape (n_columns + 1,), int64, where each column's boundaries begin, and the end.
        boundaries: float64, one column behind the other.
        recoded: shape (n_columns,), int64, where each column's codes begin, or -1 if it has none.
        codes: uint16, one column behind the other.
    """

    feature: NDArray[np.uint32]
    begin: NDArray[np.int64]
    boundaries: Floats
    recoded: NDArray[np.int64]
    codes: Ranks

    @classmethod
    def of(cls, columns: Sequence[Column]) -> Self:
        """Return columns side by side."""
        n_codes = np.array([0 if c.codes is None else len(c.codes) for c in columns], np.int64)
        return cls(
            np.array([column.feature for column in columns], np.uint32),
            np.cumsum([0, *(len(column.boundaries) for column in columns)], dtype=np.int64),
            np.concatenate([column.boundaries for column in columns]),
            np.where(n_codes > 0, np.cumsum(n_codes) - n_codes, -1),
            np.concatenate([np.empty(0, np.uint16), *(c.codes for c in columns if c.codes is not None)]),
        )

    def listed(self) -> list[Column]:
        """Return the columns one by one."""
        sizes = np.diff(self.begin) + 1
        return [
            Column(
                int(self.feature[i]),
                self.boundaries[self.begin[i] : self.begin[i + 1]],
                None if at < 0 else self.codes[at : at + sizes[i]],
            )
            for i, at in enumerate(self.recoded.tolist())
        ]


def take_columns(arrays: Arrays, n_features: int) -> Columns:
    """Return the columns of a file.

    Raises:
        DamagedModel: if a rank could not be found in them.
    """
    feature, begin = take(arrays, "column_feature", "u4", 1), take(arrays, "column_begin", "i8", 1)
    boundaries, recoded = take(arrays, "boundaries", "f8", 1), take(arrays, "column_recoded", "i8", 1)
    codes = take(arrays, "codes", "u2", 1)
    check(0 < len(feature) <= MOST_COLUMNS and feature.max() < n_features, "column_feature")
    check(len(begin) == len(feature) + 1 and begin[0] == 0 and begin[-1] == len(boundaries), "column_begin")
    sizes = np.diff(begin)
    check((sizes > 0).all() and (sizes <= MOST_BOUNDARIES).all(), "column_begin")
    first = np.zeros(len(boundaries), np.bool_)
    first[begin[:-1]] = True
    check(not np.isnan(boundaries).any() and (np.isneginf(boundaries) == first).all(), "boundaries")
    check((first[1:] | (boundaries[1:] > boundaries[:-1])).all(), "boundaries")
    fits = (recoded == -1) | ((recoded >= 0) & (recoded <= len(codes) - sizes - 1))
    check(len(recoded) == len(feature) and fits.all() and (codes < LEAF).all(), "column_recoded")
    return Columns(feature, begin, boundaries, recoded, codes)
