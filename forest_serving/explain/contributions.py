"""How much each feature adds to what a row is answered: exact SHAP values, as trees have them (path-dependent)."""

from collections.abc import Generator, Sequence

import numpy as np

from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Engine, Floats
from forest_serving.engines.forest import Forest
from forest_serving.engines.walks import walk_of
from forest_serving.explain.cells import Cells, cells_of
from forest_serving.explain.links import explained_by
from forest_serving.explain.paths import Paths, paths_of
from forest_serving.explain.subsets import subsets_of
from forest_serving.explain.trees import explaining_of
from forest_serving.kernel.library import LANES, kernel

_TURN_WORK = 1_000_000  # edges × points × outputs × rows, which the kernel does in about a millisecond
_TURN_ROWS = 10_000  # out of tables

Finding = Generator[None, None, Floats]


class Contributions:
    """Finds contributions.

    Args:
        forest: the model's trees.
        cover: shape (n_nodes,), how many training rows reached each node.
        engine: what answers: the forest, or the table made of it.

    Attributes:
        explains: what they add up to.
        base: shape (n_outputs,), what is expected of a row of which nothing is known.
        turn_rows: how many rows take about a millisecond; less than 1 if one takes longer.
    """

    def __init__(self, forest: Forest, cover: Floats, engine: Engine) -> None:
        trees = forest.trees
        self.explains = explained_by(forest.link)
        self._forest, self._divisor = forest, forest.n_trees if forest.link in {"mean", "mean value"} else 1
        # Two probabilities add up to 1: what adds to one of them is taken from the other.
        self._is_pair = forest.link == "mean" and len(forest.classes) == 2
        values = np.ascontiguousarray(trees.values[:, 1:]) if self._is_pair else trees.values
        paths = paths_of(forest, cover, values)
        n_columns = len(forest.columns.feature)
        self._begin = trees.base[-1:] + paths.expected if self._is_pair else trees.base + paths.expected
        base = self._begin / self._divisor
        self.base: Floats = np.append(1 - base, base) if self._is_pair else base
        self._walk = walk_of(kernel(), forest.n_features, forest.columns, trees, 1)
        self._explaining = explaining_of(kernel(), forest.n_features, n_columns, paths)
        self._cells = self._cells_of(engine, paths) if isinstance(engine, DecisionTable) else None
        work = np.diff(paths.begin) * paths.n_points * values.shape[1]
        self._row_work = max(1, int(work.mean()))  # of a tree
        self._block_rows = max(LANES, _TURN_WORK // self._row_work // LANES * LANES)
        self.turn_rows = _TURN_WORK // (3 * int(work.sum()) + 1)  # alone, thrice the work
        if self._cells:
            self._block_rows = self.turn_rows = _TURN_ROWS

    def _cells_of(self, table: DecisionTable, paths: Paths) -> Cells | None:
        """Return the table's own way; None if that would take too much room."""
        first = self._forest.trees.base[-paths.n_outputs :] / self._divisor  # which no tree adds
        outputs = None if self.explains == "raw_score" else table.outputs[:, -paths.n_outputs :] - first
        subsets = subsets_of(table, self._forest.columns, paths, self._divisor, outputs)
        return cells_of(kernel(), subsets) if subsets else None

    def find_in_turns(self, rows: Floats) -> Finding:
        """Find contributions, shape (n_rows, n_features, n_outputs), for rows of shape (n_rows, n_features)."""
        found = np.empty((len(rows), self._forest.n_features, len(self._begin)))
        for start in range(0, len(rows), self._block_rows):
            if start:
                yield
            block = slice(start, start + self._block_rows)
            if self._cells:
                self._cells.find(rows[block], found[block])
            else:
                found[block] = yield from self._of_trees(rows[block])
        return _both(found) if self._is_pair else found

    def find_one(self, row: Sequence[float]) -> Floats | None:
        """Return the contributions to one row, shape (1, n_features, n_outputs); None if that takes turns."""
        if self._cells is None:
            return None
        found = self._cells.find_one(row)
        return _both(found) if self._is_pair else found

    def _of_trees(self, rows: Floats) -> Finding:
        ranks, sums = self._walk.rank(rows), np.tile(self._forest.trees.base, (len(rows), 1))
        found = np.zeros((len(rows), self._forest.n_features, len(self._begin)))
        n_trees = max(1, _TURN_WORK // (self._row_work * max(LANES, len(rows))))
        for first in range(0, self._forest.n_trees, n_trees):
            last = min(first + n_trees, self._forest.n_trees)
            self._walk.add(first, last, ranks, sums)
            self._explaining.add(first, last, ranks, found)
            yield
        _add_rest(sums[:, -found.shape[2] :] - self._begin, found)
        return found / self._divisor


def _both(found: Floats) -> Floats:
    """Return the contributions to both of two classes, of those to the second."""
    return np.concatenate([0.0 - found, found], axis=2)


def _add_rest(sums: Floats, found: Floats) -> None:
    """Add to the largest contributions to each row what rounding left over.

    That is nothing to speak of, unless large values of trees cancel one another.
    """
    rest = (sums - found.sum(axis=1))[:, np.newaxis]
    largest = np.abs(found).argmax(axis=1)[:, np.newaxis]
    np.put_along_axis(found, largest, np.take_along_axis(found, largest, axis=1) + rest, axis=1)
