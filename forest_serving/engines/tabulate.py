"""A forest whose boundaries cut the input space into few cells, as one table of all its answers."""

from collections.abc import Sequence
from math import log10, prod

import numpy as np

from forest_serving.card import Feature
from forest_serving.engines.cells import blocks, corners
from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Floats
from forest_serving.engines.forest import Forest
from forest_serving.engines.questions import feature_range

MAX_CELLS = 4_000_000
MAX_TABLE_BYTES = 32 << 20  # every worker holds a copy
_BLOCK_CELLS = 1 << 16  # cells asked for at once, which bounds the memory of compiling


def table_if_it_fits(forest: Forest, features: Sequence[Feature]) -> tuple[DecisionTable | None, str]:
    """Return the table of a forest, or None, and a sentence about its size."""
    grids = grids_of(forest, features)
    gaps = [feature.takes_missing for feature in features]
    n_cells = prod(len(grid) + 1 + gap for grid, gap in zip(grids, gaps, strict=True))
    if n_cells > MAX_CELLS:
        return None, f"{_count(n_cells)} cells are more than the {MAX_CELLS:,} of the largest table"
    table = tabulate(forest, features, grids)
    if table is None:
        return None, f"the distinct answers of {n_cells:,} cells take more than {MAX_TABLE_BYTES / 1e6:.0f} MB"
    n_bytes = table.answers.nbytes + table.outputs.nbytes
    return table, f"{n_cells:,} cells with {len(table.outputs):,} distinct answers take {n_bytes / 1e6:.1f} MB"


def grids_of(forest: Forest, features: Sequence[Feature]) -> list[Floats]:
    """Return each feature's boundaries, those of all its columns together, ascending."""
    grids: list[list[Floats]] = [[np.empty(0)] for _ in features]
    for column in forest.columns.listed():
        grids[column.feature].append(column.boundaries[1:])
    return [np.unique(np.concatenate(grid)) for grid in grids]


def tops_of(features: Sequence[Feature], grids: Sequence[Floats]) -> list[Floats]:
    """Return the highest double of each feature's intervals, after NaN if it takes missing values."""
    tops = [np.append(grid, feature_range(feature)[1]) for feature, grid in zip(features, grids, strict=True)]
    return [np.append(np.nan, top) if f.takes_missing else top for f, top in zip(features, tops, strict=True)]


def tabulate(forest: Forest, features: Sequence[Feature], grids: list[Floats]) -> DecisionTable | None:
    """Return the table of what a forest answers at the last double of every cell, or None if it is too big."""
    tops = tops_of(features, grids)
    answers, numbers = np.empty(prod(len(top) for top in tops), np.uint32), dict[bytes, int]()
    for cells in blocks(len(answers), _BLOCK_CELLS):
        found = forest.find(corners(tops, cells))
        outputs = forest.outputs_of(found).reshape(len(cells), -1)
        positions = forest.positions_of(found) if forest.is_classifier else np.zeros(len(cells))
        records = np.ascontiguousarray(np.column_stack([outputs, positions]))
        row_bytes = records.itemsize * records.shape[1]
        distinct, where = np.unique(records.view(np.dtype((np.void, row_bytes))).ravel(), return_inverse=True)
        answers[cells] = np.array([numbers.setdefault(row.tobytes(), len(numbers)) for row in distinct])[where]
        if answers.nbytes + len(numbers) * row_bytes > MAX_TABLE_BYTES:
            return None
    records = np.frombuffer(b"".join(numbers)).reshape(len(numbers), -1)
    return DecisionTable(
        grids,
        [feature.takes_missing for feature in features],
        answers.astype(np.min_scalar_type(len(numbers) - 1)),
        np.ascontiguousarray(records[:, :-1]),
        records[:, -1].astype(np.uint32),
        forest.classes,
    )


def _count(n: int) -> str:
    return f"{n:,}" if n < 10**9 else f"10^{log10(n):.0f}"
