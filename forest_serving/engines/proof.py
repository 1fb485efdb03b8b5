"""Proof that an engine equals its model for every row, not for a sample.

Forest: its trees are walked side by side with scikit-learn's, node by node. What a node asks of a raw value is
compared with scikit-learn's own transformation at both ends of every interval that the engine knows, and close to them:
within an interval neither side changes its answer, because a transformation does not change its direction there.

Decision table: its boundaries are all those of a forest that was proved, so that each cell has one answer; and that is
scikit-learn's, which is asked at a corner of every cell.
"""

from functools import singledispatch
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.cells import blocks, corners
from forest_serving.engines.compile import compile_forest
from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Engine, Floats
from forest_serving.engines.fold import Inputs
from forest_serving.engines.forest import Forest
from forest_serving.engines.labels import are_same
from forest_serving.engines.oracle import Oracle
from forest_serving.engines.proof_of_questions import prove_questions
from forest_serving.engines.proof_of_trees import differ_in_bits, prove_trees
from forest_serving.engines.tabulate import grids_of, tops_of
from forest_serving.errors import ProofFailed

_BLOCK_CELLS = 1 << 16
_SAMPLE = 1_000  # rows that are answered by both, at the end


@singledispatch
def prove(engine: Engine, model: Any, inputs: Inputs) -> str:
    """Return one sentence that says what was compared.

    Args:
        engine: the engine to prove.
        model: the fitted model that it claims to equal.
        inputs: the model, as fold takes it apart.

    Raises:
        ProofFailed: naming the first difference.
    """
    raise TypeError(f"no proof for {type(engine).__name__}")


@prove.register
def prove_forest(engine: Forest, model: Any, inputs: Inputs) -> str:
    """Compare the trees, what they ask, and some answers."""
    if engine.n_features != len(inputs.features):
        raise ProofFailed(f"The engine has {engine.n_features} features, the model {len(inputs.features)}.")
    oracle = Oracle(model, inputs)
    nodes = prove_trees(engine, inputs.trees)
    values = prove_questions(engine, inputs, oracle, nodes)
    rng = np.random.default_rng(0)
    _same_answers(engine, oracle, np.stack([rng.choice(column, _SAMPLE) for column in values], axis=1), "row")
    n_nodes, n_values = len(engine.trees.nodes), sum(map(len, values))
    return (
        f"{n_nodes:,} nodes of {engine.n_trees:,} trees equal scikit-learn's, and ask the same at {n_values:,} values"
    )


@prove.register
def prove_table(engine: DecisionTable, model: Any, inputs: Inputs) -> str:
    """Prove the forest, compare its boundaries with the table's, and the answer in every cell with scikit-learn's."""
    forest = compile_forest(inputs)
    prove_forest(forest, model, inputs)
    grids = grids_of(forest, inputs.features)
    if engine.gaps != [feature.takes_missing for feature in inputs.features] or len(engine.boundaries) != len(grids):
        raise ProofFailed("The engine has other features than the model.")
    for feature, (own, grid) in enumerate(zip(engine.boundaries, grids, strict=True)):
        if not np.array_equal(own, grid):
            raise ProofFailed(f"The boundaries of feature {feature} are not those of the model.")
    if not are_same(engine.classes, forest.classes):
        raise ProofFailed("The engine has other classes than the model.")
    tops, n_cells = tops_of(inputs.features, grids), prod(engine.shape)
    if len(engine.answers) != n_cells:
        raise ProofFailed(f"The engine has {len(engine.answers):,} answers for {n_cells:,} cells.")
    oracle = Oracle(model, inputs)
    for cells in blocks(n_cells, _BLOCK_CELLS):
        expected = oracle.answer(corners(tops, cells))
        _same(engine.outputs_of(cells), engine.positions_of(cells), *expected, f"cell {cells[0]:,} + {{}}")
    return f"{forest.n_trees:,} trees were compared node by node, and the answer in each of {n_cells:,} cells"


def _same_answers(engine: Engine, oracle: Oracle, rows: Floats, place: str) -> None:
    found = engine.find(rows)
    positions = engine.positions_of(found) if engine.is_classifier else np.zeros(len(rows), np.intp)
    _same(engine.outputs_of(found), positions, *oracle.answer(rows), f"the answer to {place} {{}} of a sample")


def _same(
    outputs: Floats, positions: NDArray[Any], expected: Floats, expected_positions: NDArray[Any], place: str
) -> None:
    n_rows = len(outputs)
    differ = differ_in_bits(outputs.reshape(n_rows, -1), expected.reshape(n_rows, -1)) | (
        positions != expected_positions
    )
    if differ.any():
        raise ProofFailed(f"The engine differs from its model: {place.format(differ.argmax())} has another answer.")
