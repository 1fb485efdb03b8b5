"""Two ways through the trees of a forest: the kernel's, and the same with NumPy, for where there is no kernel."""

import ctypes
import struct
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.columns import LEAF, Columns, Ranks
from forest_serving.engines.engine import Floats
from forest_serving.engines.trees import Trees
from forest_serving.kernel.library import LANES, ForestStruct, Kernel, address


class Walk(ABC):
    """A way through trees."""

    name: str

    @abstractmethod
    def rank(self, rows: Floats) -> Ranks:
        """Return the ranks of rows, as add takes them."""

    @abstractmethod
    def add(self, first: int, last: int, ranks: Ranks, sums: Floats) -> None:
        """Add what the trees from first to before last say to sums, shape (n_rows, n_outputs), in the trees' order."""

    @abstractmethod
    def sums_of_one(self, row: Sequence[float]) -> list[float]:
        """Return the sums of one row over all trees, divided by the divisor."""


class NativeWalk(Walk):
    """The kernel's."""

    name = "native"

    def __init__(self, kernel: Kernel, n_features: int, columns: Columns, trees: Trees, divisor: float) -> None:
        self._kernel = kernel
        self._struct = ForestStruct(
            n_features=n_features,
            n_columns=len(columns.feature),
            n_trees=len(trees.roots),
            n_outputs=len(trees.base),
            width=trees.values.shape[1],
            **columns._asdict(),
            nodes=trees.nodes,
            roots=trees.roots,
            value_of=trees.value_of,
            output=trees.output,
            values=trees.values,
            base=trees.base,
            divisor=divisor,
        )
        self._address = ctypes.addressof(self._struct)
        self._n_columns = len(columns.feature)
        # All that one row needs, in one attribute: looking up each takes as long as a comparison. Packing the row is
        # several times as fast as giving it to a ctypes array.
        packed = struct.Struct(f"{n_features}d").pack
        self._one = (kernel.sum_row, self._address, packed, ctypes.c_double * len(trees.base))

    def rank(self, rows: Floats) -> Ranks:
        """Return the ranks of rows, shape (n_rows / LANES rounded up, n_columns, LANES)."""
        ranks = np.zeros((-(-len(rows) // LANES), self._n_columns, LANES), np.uint16)
        self._kernel.rank_rows(self._address, address(rows), len(rows), address(ranks))
        return ranks

    def add(self, first: int, last: int, ranks: Ranks, sums: Floats) -> None:
        """Add what some trees say."""
        self._kernel.add_trees(self._address, first, last, address(ranks), len(sums), address(sums))

    def sums_of_one(self, row: Sequence[float]) -> list[float]:
        """Return the sums of one row."""
        sum_row, forest, packed, sums_type = self._one
        sums = sums_type()
        sum_row(forest, packed(*row), sums)
        return sums[:]


class NumpyWalk(Walk):
    """NumPy's: a tree at a time, with the rows that have not reached a leaf."""

    name = "numpy"

    def __init__(self, columns: Columns, trees: Trees, divisor: float) -> None:
        self._columns = columns.listed()
        self._trees, self._divisor = trees, divisor
        # NumPy indexes with intp twice as fast as with smaller integers.
        self._column, self._left = trees.nodes["column"].astype(np.intp), trees.nodes["left"].astype(np.intp)
        self._rank, self._value_of = np.ascontiguousarray(trees.nodes["rank"]), trees.value_of.astype(np.intp)

    def rank(self, rows: Floats) -> Ranks:
        """Return the ranks of rows, shape (n_rows, n_columns)."""
        return np.stack([column.rank(rows[:, column.feature]) for column in self._columns], axis=1)

    def add(self, first: int, last: int, ranks: Ranks, sums: Floats) -> None:
        """Add what some trees say."""
        width, flat = self._trees.values.shape[1], ranks.ravel()
        for tree in range(first, last):
            leaves = self._leaves(int(self._trees.roots[tree]), flat, len(sums), ranks.shape[1])
            output = int(self._trees.output[tree])
            sums[:, output : output + width] += self._trees.values[self._value_of[leaves]]

    def _leaves(self, root: int, flat: Ranks, n_rows: int, n_columns: int) -> NDArray[np.intp]:
        leaves = np.full(n_rows, root, np.intp)
        rows = np.arange(n_rows) if self._rank[root] != LEAF else np.arange(0)
        offsets, at = rows * n_columns, leaves[rows]
        while len(rows):
            at = self._left[at] + (flat[offsets + self._column[at]] > self._rank[at])
            leaves[rows] = at
            goes_on = self._rank[at] != LEAF
            rows, offsets, at = rows[goes_on], offsets[goes_on], at[goes_on]
        return leaves

    def sums_of_one(self, row: Sequence[float]) -> list[float]:
        """Return the sums of one row: all trees at once, level by level."""
        ranks = self.rank(np.array([row], np.float64))[0]
        at, trees = self._trees.roots.astype(np.intp), self._trees
        while not (self._rank[at] == LEAF).all():
            at = self._left[at] + (ranks[self._column[at]] > self._rank[at])
        values, sums = trees.values[self._value_of[at]], trees.base.copy()
        width = values.shape[1]
        for output, value in zip(trees.output.tolist(), values, strict=True):
            sums[output : output + width] += value
        found: list[float] = (sums / self._divisor).tolist()
        return found


def walk_of(kernel: Kernel | None, n_features: int, columns: Columns, trees: Trees, divisor: float) -> Walk:
    """Return the kernel's walk, or NumPy's if there is no kernel."""
    if kernel:
        return NativeWalk(kernel, n_features, columns, trees, divisor)
    return NumpyWalk(columns, trees, divisor)
