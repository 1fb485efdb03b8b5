"""The trees of a forest over a plane: two features vary, all others stand as they do in one row.

A tree meets few of its leaves there, each in a rectangle of points. To add a leaf's values to all of a rectangle at
once takes a fraction of the time of walking from every point: over 262,000 nodes, 400 × 400 points take 60 ms, not
1.4 s. Each point gets the values in the trees' order, and with it the same bits.
"""

from bisect import bisect_right
from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np

from forest_serving.engines.columns import LEAF, Column, Ranks
from forest_serving.engines.engine import Axis, Floats
from forest_serving.engines.trees import Trees

_BAND_VALUES = 100_000  # sums that are added to together: they fit the processor's cache
_TURN_VALUES = 500_000  # additions of about a millisecond
_LEAF_VALUES = 5_000  # additions that take as long as finding a leaf
_MOST_SCATTERED = 30  # steps, such as categories, of which a child gets several parts

Part = tuple[int, int]  # from one of a feature's values to before another


class Steps:
    """One of the features that vary, by those of its values between which a tree could tell.

    Args:
        columns: the questions about it, by their numbers.
        values: shape (n_values,).

    Attributes:
        counts: shape (n_steps,), how many values each step has.
        values: shape (n_steps,), the first value of each.
    """

    def __init__(self, columns: Mapping[int, Column], values: Floats) -> None:
        ranks = {number: column.rank(values) for number, column in columns.items()}
        differs = np.zeros(len(values) - 1, np.bool_)
        for found in ranks.values():
            differs |= found[1:] != found[:-1]
        first = np.flatnonzero(np.append(True, differs))
        self.counts, self.values = np.diff(first, append=len(values)), values[first]
        self._ranks = {number: found[first].tolist() for number, found in ranks.items()}
        self._ascending = {number for number, found in self._ranks.items() if found == sorted(found)}

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def is_scattered(self) -> bool:
        """Whether a child may get many parts, each of which walks on by itself: walking from each point is faster."""
        return len(self) > _MOST_SCATTERED and len(self._ascending) < len(self._ranks)

    def __contains__(self, column: int) -> bool:
        return column in self._ranks

    def parts(self, column: int, rank: int, whole: Part) -> list[tuple[bool, Part]]:
        """Return the parts that a node sends to one child, and whether to the right one."""
        ranks, (start, stop) = self._ranks[column], whole
        if column in self._ascending:
            middle = bisect_right(ranks, rank, start, stop)
            return [part for part in ((False, (start, middle)), (True, (middle, stop))) if part[1][0] < part[1][1]]
        found = []
        for goes_right, steps in groupby(ranks[start:stop], lambda each: each > rank):
            found.append((goes_right, (start, start := start + len(list(steps)))))
        return found


class Plane:
    """The trees over one plane.

    Args:
        columns: what the trees ask.
        trees: the trees.
        ranks: shape (n_columns,), those of the row that all features but two are taken from.
        x: the feature that varies fastest.
        y: the other one.

    Attributes:
        band: of how many steps of y the sums are added to together.
    """

    def __init__(self, columns: Sequence[Column], trees: Trees, ranks: Ranks, x: Axis, y: Axis) -> None:
        self.x, self.y = (
            Steps({n: column for n, column in enumerate(columns) if column.feature == feature}, values)
            for feature, values in (x, y)
        )
        self._places = x[0], y[0]
        self.band = max(1, _BAND_VALUES // (len(self.x) * len(trees.base)))
        self._trees, self._fixed = trees, ranks.tolist()
        self._rank, self._column, self._left = (trees.nodes[name].data for name in ("rank", "column", "left"))

    @property
    def is_scattered(self) -> bool:
        """Whether walking from each point is faster."""
        return self.x.is_scattered or self.y.is_scattered

    def points(self, row: Sequence[float], rows: Part) -> Floats:
        """Return a row at each point of some steps of y, shape (n_points, n_features)."""
        (x, y), (low, high) = self._places, rows
        found = np.tile(np.array(row, np.float64), (high - low, len(self.x), 1))
        found[:, :, x], found[:, :, y] = self.x.values, self.y.values[low:high, np.newaxis]
        return found.reshape(-1, len(row))

    def sums(self, rows: Part) -> Generator[None, None, Floats]:
        """Return the sums of all trees at some steps of y, shape (n_points, n_outputs); yield in between."""
        trees, (low, high) = self._trees, rows
        sums = np.empty((len(trees.base), high - low, len(self.x)))
        sums[:] = trees.base[:, np.newaxis, np.newaxis]
        values, n_added = trees.values[:, :, np.newaxis, np.newaxis], 0
        for root, output in zip(trees.roots.tolist(), trees.output.tolist(), strict=True):
            of_tree = sums[output : output + values.shape[1]]
            for leaf, x, y in self._leaves(root, rows):
                rectangle = of_tree[:, y[0] - low : y[1] - low, x[0] : x[1]]
                rectangle += values[trees.value_of[leaf]]
                n_added += rectangle.size + _LEAF_VALUES
                if n_added > _TURN_VALUES:
                    yield
                    n_added = 0
        return np.ascontiguousarray(sums.reshape(len(sums), -1).T)

    def _leaves(self, root: int, rows: Part) -> Iterator[tuple[int, Part, Part]]:
        """Yield the leaves of a tree that a point meets, each with the steps of x and of y that do."""
        todo = [(root, (0, len(self.x)), rows)]
        while todo:
            node, x, y = todo.pop()
            rank, column, left = self._rank[node], self._column[node], self._left[node]
            if rank == LEAF:
                yield node, x, y
            elif column in self.x:
                todo += [(left + goes_right, part, y) for goes_right, part in self.x.parts(column, rank, x)]
            elif column in self.y:
                todo += [(left + goes_right, x, part) for goes_right, part in self.y.parts(column, rank, y)]
            else:
                todo.append((left + (self._fixed[column] > rank), x, y))
