"""Where a forest's answer to a row may change while one of its values does, and all others stay."""

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.columns import LEAF, Column
from forest_serving.engines.engine import Floats
from forest_serving.engines.forest import Forest

Integers = NDArray[np.int64]


class Candidates:
    """Boundaries in trees that a row can reach by another value of one feature.

    Args:
        forest: the trees.
    """

    def __init__(self, forest: Forest) -> None:
        self._columns = forest.columns.listed()
        self._feature_of = forest.columns.feature.astype(np.int64)
        self._n_features = forest.n_features
        nodes = forest.trees.nodes
        self._roots = forest.trees.roots.astype(np.int64)
        self._rank, self._column, self._left = nodes["rank"], nodes["column"], nodes["left"]

    def of(self, row: Floats) -> list[Floats]:
        """Return for each feature the ascending boundaries, between which the answer does not change."""
        ranks = np.array([column.rank(row[column.feature : column.feature + 1])[0] for column in self._columns])
        keys = np.unique(np.concatenate(self._questions(ranks)))
        columns, starts = np.unique(keys >> 16, return_index=True)
        found: list[list[Floats]] = [[np.empty(0)] for _ in range(self._n_features)]
        for column, asked in zip(columns.tolist(), np.split(keys & LEAF, starts[1:]), strict=True):
            found[self._feature_of[column]].append(_boundaries(self._columns[column], asked))
        return [np.unique(np.concatenate(each)) for each in found]

    def _questions(self, ranks: NDArray[np.uint16]) -> list[Integers]:
        """Return the questions that the row can be asked, each as a column, times 65,536, and a rank.

        All trees are walked at once. A way that leaves the row's own is that of one feature, both edges of which are
        taken.
        """
        node, free, found = self._roots, np.full(len(self._roots), -1), [np.empty(0, np.int64)]
        while len(node):
            inner = self._rank[node] != LEAF
            node, free = node[inner], free[inner]
            column, rank, left = self._column[node], self._rank[node], self._left[node].astype(np.int64)
            feature, right = self._feature_of[column], ranks[column] > rank
            both = (free < 0) | (free == feature)
            found.append(column[both].astype(np.int64) << 16 | rank[both])
            node = np.concatenate([left + right, (left + ~right)[both]])
            free = np.concatenate([free, feature[both]])
        return found


def _boundaries(column: Column, ranks: Integers) -> Floats:
    """Return where a column's values pass from one side of these ranks to the other."""
    if column.codes is None:
        return column.boundaries[ranks[(ranks > 0) & (ranks < len(column.boundaries))]]
    codes = column.codes[1:]  # those of numbers
    lower, upper = np.minimum(codes[:-1], codes[1:]), np.maximum(codes[:-1], codes[1:])
    passed = ranks.searchsorted(lower) < ranks.searchsorted(upper)  # some rank is at least lower, and below upper
    return column.boundaries[1:][passed]
