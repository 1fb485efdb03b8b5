"""Proof that what the nodes of a compiled forest ask of raw values is what scikit-learn's ask of transformed ones."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import Feature
from forest_serving.engines.columns import Column
from forest_serving.engines.engine import Floats
from forest_serving.engines.ensembles import Ensemble, ensemble_of
from forest_serving.engines.fold import Inputs
from forest_serving.engines.fold.doubles import doubles_at, positions_of
from forest_serving.engines.forest import Forest
from forest_serving.engines.oracle import Oracle
from forest_serving.engines.questions import Integers, Question, feature_range
from forest_serving.errors import ProofFailed

_NEAR = np.array([0, 1])  # an interval's last double, and the first of the next one
# Functions such as a logarithm round unevenly, and could turn back close to a boundary: tanh does, up to 2**11 doubles
# away.
_AROUND = np.concatenate([-(2 ** np.arange(17)), [0], 2 ** np.arange(17)])
_MOST_AROUND = 10_000  # boundaries of a feature; of more, only the nearest doubles are looked at


def prove_questions(engine: Forest, inputs: Inputs, oracle: Oracle, found: Integers) -> list[Floats]:
    """Compare which nodes send which values left.

    Args:
        engine: whose trees were proved.
        inputs: the model, as fold takes it apart.
        oracle: the model.
        found: the engine's node for each of scikit-learn's.

    Returns:
        For each feature the values that were looked at.

    Raises:
        ProofFailed: naming the first column that asks something else.
    """
    columns = engine.columns.listed()
    values = [values_of(columns, number, feature) for number, feature in enumerate(inputs.features)]
    given = oracle.given(side_by_side(values))
    for asked in _all_asked(engine, inputs, found):
        column, question = columns[asked.own], asked.question
        if column.feature != question.derived.feature:
            raise ProofFailed("The engine differs from its model: a node asks for another feature.")
        own = values[column.feature]
        levels = question.levels(question.compared(given[: len(own), asked.column]))
        if not _same_sides(asked, levels, column.rank(own)):
            feature = inputs.features[column.feature].name
            raise ProofFailed(f"The engine differs from its model: a boundary of {feature} is missing or displaced.")
    return values


def values_of(columns: Sequence[Column], number: int, feature: Feature) -> Floats:
    """Return the values of a feature that tell all intervals apart, and NaN if it may be missing."""
    low, high = feature_range(feature)
    boundaries = np.unique(np.concatenate([[low], *(c.boundaries[1:] for c in columns if c.feature == number), [high]]))
    if feature.categories:
        values = np.arange(low, high + 1)
    else:
        near = _AROUND if len(boundaries) <= _MOST_AROUND else _NEAR
        values = doubles_at(np.unique(positions_of(boundaries)[:, np.newaxis] + near))
        values = values[(values >= low) & (values <= high)]
    return np.append(values, np.nan) if feature.takes_missing else values


def side_by_side(values: Sequence[Floats]) -> Floats:
    """Return rows with the values of all features, the last one again where a feature has fewer."""
    n_rows = max(map(len, values))
    return np.stack([np.append(own, np.full(n_rows - len(own), own[-1])) for own in values], axis=1)


class _Asked(NamedTuple):
    """Nodes of scikit-learn's that ask the same.

    Attributes:
        question: what they ask.
        column: of which of the trees' own columns.
        own: the engine's column.
        levels: shape (n_nodes,), up to which level of the question each sends a row left.
        ranks: shape (n_nodes,), up to which rank the engine does.
    """

    question: Question
    column: int
    own: int
    levels: Integers
    ranks: NDArray[np.uint16]


def _all_asked(engine: Forest, inputs: Inputs, found: Integers) -> Iterator[_Asked]:
    ensemble = ensemble_of(inputs.trees)
    nodes, inner = ensemble.nodes, np.flatnonzero(ensemble.nodes.left >= 0)
    own = engine.trees.nodes[found]
    keys = np.stack([own["column"][inner], nodes.column[inner], nodes.missing_left[inner], nodes.group[inner]])
    order = np.lexsort(keys)
    starts = np.flatnonzero((np.diff(keys[:, order], axis=1) != 0).any(axis=0)) + 1
    for members in np.split(inner[order], starts) if len(inner) else []:
        question, column = _question(ensemble, inputs, members), int(nodes.column[members[0]])
        levels = question.thresholds.searchsorted(nodes.threshold[members])
        if question.group is not None:
            levels = np.zeros(len(members), np.int64)
        yield _Asked(question, column, int(own["column"][members[0]]), levels, own["rank"][members])


def _question(ensemble: Ensemble, inputs: Inputs, members: NDArray[np.intp]) -> Question:
    nodes, first = ensemble.nodes, members[0]
    group = ensemble.groups[nodes.group[first]] if nodes.group[first] >= 0 else None
    thresholds = np.unique(nodes.threshold[members]) if group is None else np.zeros(1)
    derived = inputs.columns[nodes.column[first]]
    return Question(derived, ensemble.rounds, thresholds, bool(nodes.missing_left[first]), group)


def _same_sides(asked: _Asked, levels: Integers, codes: NDArray[np.uint16]) -> bool:
    """Return whether, at each node, just those values go left whose level is at most the node's.

    Args:
        asked: the nodes.
        levels: of some values, as scikit-learn has them.
        codes: of the same values, as the engine has them.
    """
    n_levels = len(asked.question.thresholds) + 2  # from -1
    highest, lowest = np.full(n_levels, -1), np.full(n_levels, 1 << 16)
    np.maximum.at(highest, levels + 1, codes)
    np.minimum.at(lowest, levels + 1, codes)
    left, right = np.maximum.accumulate(highest), np.minimum.accumulate(lowest[::-1])[::-1]
    return bool((left[asked.levels + 1] <= asked.ranks).all() and (right[asked.levels + 2] > asked.ranks).all())
