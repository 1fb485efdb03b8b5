"""From a fitted scikit-learn forest to the engine that suits it."""

from collections.abc import Callable
from itertools import chain
from math import log10, prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.boundaries import LARGEST, boundaries_of, grid_of
from forest_serving.engines.cells import blocks, corners
from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Engine, Floats
from forest_serving.engines.flat_forest import FlatForest
from forest_serving.engines.oracle import ask, oracle_of, trees_of
from forest_serving.errors import NotCompilable

ENGINE_CHOICES = ("auto", DecisionTable.kind, FlatForest.kind)
MAX_CELLS = 4_000_000  # tabulated and proved in about half a minute for 100 trees
MAX_TABLE_BYTES = 32 << 20  # every worker holds a copy
_BLOCK_CELLS = 1 << 16  # cells asked for at once, which bounds the memory of compiling


class Compiled(NamedTuple):
    """An engine, and one sentence about why it is this one."""

    engine: Engine
    reason: str


def compile_forest(model: Any, engine: str = "auto") -> Compiled:
    """Return the engine for a model's forest.

    Args:
        model: what oracle.unpacked takes: a fitted forest, or a search that found one.
        engine: "auto", or the kind to force: "decision_table" or "flat_forest".

    Raises:
        NotCompilable: if no engine, or not the forced one, can reproduce this forest.
    """
    if engine not in ENGINE_CHOICES:
        raise NotCompilable(f"There is no engine {engine!r}; choose one of {', '.join(ENGINE_CHOICES)}.")
    oracle = oracle_of(model)
    if engine == FlatForest.kind:
        return Compiled(flatten(oracle), "asked for")
    grids = [grid_of(_thresholds(oracle, feature)) for feature in range(oracle.n_features_in_)]
    table, reason = _table_if_it_fits(oracle, grids)
    if table is not None:
        return Compiled(table, reason)
    if engine == DecisionTable.kind:
        raise NotCompilable(f"No decision table: {reason}. Use fewer or shallower trees, or the engine flat_forest.")
    return Compiled(flatten(oracle), reason)


def flatten(forest: Any) -> FlatForest:
    """Return a forest's trees as one set of arrays."""
    trees = trees_of(forest)
    starts = np.cumsum([0, *(tree.node_count for tree in trees)])

    def join(of_tree: Callable[[Any, NDArray[Any]], NDArray[Any]], dtype: type) -> NDArray[Any]:
        parts = [of_tree(tree, tree.children_left < 0) for tree in trees]
        return np.concatenate(parts).astype(dtype)

    nodes = np.arange(starts[-1])
    leaf = join(lambda tree, leaf: leaf, np.bool_)
    start = np.repeat(starts[:-1], np.diff(starts))
    left = join(lambda tree, leaf: tree.children_left, np.int64) + start
    right = join(lambda tree, leaf: tree.children_right, np.int64) + start
    return FlatForest(
        n_features=forest.n_features_in_,
        roots=starts[:-1].astype(np.int32),
        feature=join(lambda tree, leaf: np.where(leaf, 0, tree.feature), np.int32),
        boundary=join(lambda tree, leaf: np.where(leaf, np.inf, boundaries_of(tree.threshold)), np.float64),
        left=np.where(leaf, nodes, left).astype(np.int32),
        right=np.where(leaf, nodes, right).astype(np.int32),
        votes=join(lambda tree, leaf: tree.value[:, 0, :], np.float64),
        classes=forest.classes_,
    )


def _table_if_it_fits(forest: Any, grids: list[Floats]) -> tuple[DecisionTable | None, str]:
    n_cells = prod(len(grid) + 1 for grid in grids)
    if n_cells > MAX_CELLS:
        return None, f"{_count(n_cells)} cells are more than the {MAX_CELLS:,} of the largest table"
    table = tabulate(forest, grids)
    if table is None:
        return None, f"the distinct answers of {n_cells:,} cells take more than {MAX_TABLE_BYTES / 1e6:.0f} MB"
    n_bytes = table.answers.nbytes + table.probabilities.nbytes
    return table, f"{n_cells:,} cells with {len(table.probabilities):,} distinct answers take {n_bytes / 1e6:.1f} MB"


def tabulate(forest: Any, grids: list[Floats]) -> DecisionTable | None:
    """Return the table of what the forest itself answers at the last double of every cell, or None if it is too big."""
    tops = [np.append(grid, LARGEST) for grid in grids]
    row_bytes = 8 * forest.n_classes_
    answers, numbers = np.empty(prod(len(top) for top in tops), np.uint32), dict[bytes, int]()
    for cells in blocks(len(answers), _BLOCK_CELLS):
        probabilities = ask(forest.predict_proba, corners(tops, cells))
        distinct, where = np.unique(probabilities.view(np.dtype((np.void, row_bytes))).ravel(), return_inverse=True)
        answers[cells] = np.array([numbers.setdefault(row.tobytes(), len(numbers)) for row in distinct])[where]
        if answers.nbytes + len(numbers) * row_bytes > MAX_TABLE_BYTES:
            return None
    smallest_type = np.min_scalar_type(len(numbers) - 1)
    distinct_rows = np.frombuffer(b"".join(numbers)).reshape(len(numbers), -1)
    return DecisionTable(grids, answers.astype(smallest_type), distinct_rows, forest.classes_)


def _thresholds(forest: Any, feature: int) -> Floats:
    return np.fromiter(chain.from_iterable(t.threshold[t.feature == feature] for t in trees_of(forest)), np.float64)


def _count(n: int) -> str:
    return f"{n:,}" if n < 10**9 else f"10^{log10(n):.0f}"
