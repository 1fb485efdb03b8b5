"""From a fitted scikit-learn model to the engine that suits it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.columns import LEAF, MOST_COLUMNS, Column, Columns
from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Engine
from forest_serving.engines.ensembles import Ensemble, ensemble_of
from forest_serving.engines.fold import Inputs
from forest_serving.engines.forest import Forest
from forest_serving.engines.questions import Question, ask, may_be_missing, parts_of
from forest_serving.engines.tabulate import table_if_it_fits
from forest_serving.engines.trees import Trees
from forest_serving.errors import NotCompilable

ENGINE_CHOICES = ("auto", DecisionTable.kind, Forest.kind)


class Compiled(NamedTuple):
    """An engine, and one sentence about why it is this one."""

    engine: Engine
    reason: str


class Asking(NamedTuple):
    """A column, and for each of some nodes the rank up to which a row goes left."""

    column: Column
    nodes: NDArray[np.intp]
    ranks: NDArray[np.int64]


def compile_model(inputs: Inputs, engine: str = "auto") -> Compiled:
    """Return the engine for a model.

    Args:
        inputs: the model, as fold takes it apart.
        engine: "auto", or the kind to force: "decision_table" or "forest".

    Raises:
        NotCompilable: if no engine, or not the forced one, can reproduce this model.
    """
    if engine not in ENGINE_CHOICES:
        raise NotCompilable(f"There is no engine {engine!r}; choose one of {', '.join(ENGINE_CHOICES)}.")
    forest = compile_forest(inputs)
    if engine == Forest.kind:
        return Compiled(forest, "asked for")
    table, reason = table_if_it_fits(forest, inputs.features)
    if table is not None:
        return Compiled(table, reason)
    if engine == DecisionTable.kind:
        raise NotCompilable(f"No decision table: {reason}. Use fewer or shallower trees, or the engine forest.")
    return Compiled(forest, reason)


def compile_forest(inputs: Inputs) -> Forest:
    """Return a model's trees with its preprocessing folded in."""
    ensemble = ensemble_of(inputs.trees)
    asked = askings(ensemble, inputs)
    if len(asked) > MOST_COLUMNS:
        raise NotCompilable(
            f"The trees ask {len(asked):,} different questions about categories, and at most {MOST_COLUMNS:,} can be"
            " compiled; train fewer trees, or encode the categories as numbers."
        )
    rank, column = np.full(len(ensemble.nodes.left), LEAF, np.uint16), np.zeros(len(ensemble.nodes.left), np.uint16)
    for number, asking in enumerate(asked):
        rank[asking.nodes], column[asking.nodes] = asking.ranks, number
    columns = Columns.of([asking.column for asking in asked] or [Column(0, np.array([-np.inf]))])
    trees = arranged(ensemble, rank, column)
    return Forest(len(inputs.features), columns, trees, ensemble.link, ensemble.classes)


def askings(ensemble: Ensemble, inputs: Inputs) -> list[Asking]:
    """Return what the nodes ask, the same questions together."""
    nodes = ensemble.nodes
    inner = np.flatnonzero(nodes.left >= 0)
    group, group_of = _distinct_groups(ensemble.groups)
    heeded = np.array([may_be_missing(derived, inputs.features[derived.feature]) for derived in inputs.columns])
    missing_left = nodes.missing_left & heeded[nodes.column]
    kinds = np.stack([nodes.column[inner], missing_left[inner], _numbers_of(group_of, nodes.group[inner])])
    order = np.lexsort(kinds)
    starts = np.flatnonzero(np.append(True, (np.diff(kinds[:, order], axis=1) != 0).any(axis=0)))[: len(order)]
    found: list[Asking] = []
    for members in np.split(inner[order], starts[1:]) if len(order) else []:
        first = members[0]
        number = group_of[nodes.group[first]] if nodes.group[first] >= 0 else -1
        thresholds = np.unique(nodes.threshold[members]) if number < 0 else np.zeros(1)
        question = Question(
            inputs.columns[nodes.column[first]],
            ensemble.rounds,
            thresholds,
            bool(missing_left[first]),
            group[number] if number >= 0 else None,
        )
        found += _asked(question, members, nodes.threshold, inputs)
    return found


def _asked(question: Question, members: NDArray[np.intp], threshold: Any, inputs: Inputs) -> list[Asking]:
    feature, found = inputs.features[question.derived.feature], []
    for part in parts_of(question):
        if question.group is not None:
            nodes, places = members, np.zeros(len(members), np.intp)
        else:
            of_part = (threshold[members] >= part.thresholds[0]) & (threshold[members] <= part.thresholds[-1])
            nodes = members[of_part]
            places = part.thresholds.searchsorted(threshold[nodes])
        asked = ask(part, feature)
        found.append(Asking(asked.column, nodes, asked.ranks[places]))
    return found


def _distinct_groups(groups: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Return the sets of categories that differ, and the number of each set among them."""
    distinct, numbers = np.unique(groups, axis=0, return_inverse=True) if len(groups) else (groups, np.empty(0, int))
    return distinct, numbers.ravel()


def _numbers_of(group_of: NDArray[np.intp], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(groups < 0, -1, np.append(group_of, -1)[groups])


def arranged(ensemble: Ensemble, rank: NDArray[np.uint16], column: NDArray[np.uint16]) -> Trees:
    """Return trees whose children stand side by side, in the order of their parents, with each value kept once."""
    nodes, starts = ensemble.nodes, ensemble.starts
    to = new_places(ensemble)
    leaf = nodes.left < 0
    width = nodes.value.shape[1]
    as_bytes = np.ascontiguousarray(nodes.value[leaf]).view(np.dtype((np.void, 8 * width))).ravel()
    distinct, where = np.unique(as_bytes, return_inverse=True)
    child = np.empty(len(leaf), np.uint32)
    child[leaf], child[~leaf] = where, to[nodes.left[~leaf]]
    new_rank, new_column, new_child = np.empty_like(rank), np.empty_like(column), np.empty_like(child)
    new_rank[to], new_column[to], new_child[to] = rank, column, child
    values = np.frombuffer(distinct.tobytes()).reshape(len(distinct), width)
    output = ensemble.output.astype(np.uint32)
    return Trees.of(new_rank, new_column, new_child, starts[:-1].astype(np.uint32), output, values, ensemble.base)


def new_places(ensemble: Ensemble) -> NDArray[np.int64]:
    """Return where each node stands in a compiled forest: a root stays, its tree's n-th children are next."""
    nodes, starts = ensemble.nodes, ensemble.starts
    to = np.arange(len(nodes.left))
    inner = np.flatnonzero(nodes.left >= 0)
    tree = np.searchsorted(starts, inner, side="right") - 1
    before = np.searchsorted(inner, starts)[tree]  # inner nodes of the trees before
    left = starts[tree] + 1 + 2 * (np.arange(len(inner)) - before)
    to[nodes.left[inner]], to[nodes.right[inner]] = left, left + 1
    return to
