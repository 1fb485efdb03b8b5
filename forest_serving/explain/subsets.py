"""Contributions in a decision table: what trees expect once some features are known, for each subset of the features.

A row's contributions are a sum of what is expected with each subset of its values known, weighed. That depends on the
intervals that these values are in, and a table has few of them. So sums are kept: for each feature a table of the part
that does not depend on it, by the intervals of the others. What depends on all of them is the answer, which adds the
same to all contributions.
"""

from collections.abc import Sequence
from itertools import combinations
from math import factorial, prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.columns import Columns
from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Floats
from forest_serving.explain.paths import NOT_A_LEAF, Integers, Paths

MOST_DOUBLES = 4_000_000  # of all tables, 32 MB
_MOST_KNOWN = 4_096  # of subsets × outputs of a row
_MOST_STEPS = 20_000_000  # of leaves × intervals and subsets, about 0.2 s


class Subsets(NamedTuple):
    """A table for each of the n features that trees ask for, and one of all answers.

    Attributes:
        features: their positions, in the rows.
        begin: shape (n + 1,), where each one's boundaries begin.
        boundaries: of each one, ascending; -inf is first where a value may be missing.
        strides: shape (n + 1, n), by how much each one's interval moves the place in a table; the last row is
            that of answers.
        places: shape (n,), where tables begin in values.
        values: shape (n_places, n, n_outputs), what is added to the contributions.
        answers: of each place of the last table, its row in outputs; None if that is the place.
        outputs: shape (n_answers, n_outputs), what is added to each feature's contributions.
        n_features: how many values a row has.
    """

    features: Integers
    begin: Integers
    boundaries: Floats
    strides: Integers
    places: Integers
    values: Floats
    answers: NDArray[np.uint32] | None
    outputs: Floats
    n_features: int

    def intervals(self, rows: Floats) -> Integers:
        """Return the interval of each value that matters, shape (n_rows, n)."""
        ends = [self.boundaries[a:b] for a, b in zip(self.begin[:-1], self.begin[1:], strict=True)]
        found = [end.searchsorted(rows[:, f]) for f, end in zip(self.features.tolist(), ends, strict=True)]
        intervals = np.stack(found, axis=1)
        return np.where(np.isnan(rows[:, self.features]), 0, intervals)

    def find(self, rows: Floats) -> Floats:
        """Return the contributions of the features that matter, shape (n_rows, n, n_outputs)."""
        places = self.intervals(rows) @ self.strides.T
        answers = places[:, -1] if self.answers is None else self.answers[places[:, -1]]
        found = np.repeat(self.outputs[answers][:, np.newaxis], len(self.features), axis=1)
        for place, begin in zip(places.T, self.places.tolist(), strict=False):  # not those of answers
            found += self.values[begin + place]
        return found


def subsets_of(
    table: DecisionTable, columns: Columns, paths: Paths, divisor: int, outputs: Floats | None
) -> Subsets | None:
    """Return the tables of all subsets; None if they are many or large.

    Args:
        table: the table.
        columns: of the forest that it was made of.
        paths: that forest's trees.
        divisor: of their sums.
        outputs: the table's, as far as they are explained; None if sums are.
    """
    sizes = np.array(table.shape)
    features = np.flatnonzero(sizes > 1)
    n_leaves = int(np.count_nonzero(paths.edges["value"] != NOT_A_LEAF))
    n_cells, n_subsets = prod(sizes.tolist()), 2 ** len(features)
    n_places = sum(n_cells // int(size) for size in sizes[features])
    n_doubles = (n_places * len(features) + (n_cells if outputs is None else 0)) * paths.n_outputs
    fits = (
        n_subsets > 1
        and n_subsets * paths.n_outputs <= _MOST_KNOWN
        and n_doubles <= MOST_DOUBLES
        and n_leaves * (int(sizes.sum()) + n_subsets) <= _MOST_STEPS
    )
    if not fits:
        return None
    boxes = [np.ones((n_leaves, size), np.bool_) for size in sizes]
    shares = np.ones((n_leaves, len(sizes)))
    _fill(paths, columns, _ends(table), boxes, shares)
    return _tabulated(table, _Leaves(boxes, shares, _values(paths) / divisor), features.tolist(), outputs)


class _Leaves(NamedTuple):
    """Leaves: which intervals of each feature lead to them, its share of the training rows, and what they add."""

    boxes: list[NDArray[np.bool_]]
    shares: Floats
    values: Floats


def _ends(table: DecisionTable) -> list[Floats]:
    """Return a value in each interval of each feature."""
    tops = [np.append(boundaries, np.inf) for boundaries in table.boundaries]
    return [np.append(np.nan, top) if gap else top for top, gap in zip(tops, table.gaps, strict=True)]


def _fill(paths: Paths, columns: Columns, ends: list[Floats], boxes: list[NDArray[np.bool_]], shares: Floats) -> None:
    """Write which intervals of each feature lead to each leaf, and the share of the training rows that did."""
    ranks = [column.rank(ends[column.feature]) for column in columns.listed()]
    way: list[tuple[int, NDArray[np.bool_], float]] = []
    leaf = 0
    for share, value, feature_left, rank, column, depth, _ in paths.edges.tolist():
        del way[depth - 1 :]
        way.append((feature_left >> 1, (ranks[column] <= rank) == (feature_left & 1), share))
        if value == NOT_A_LEAF:
            continue
        for feature, goes, own in way:
            boxes[feature][leaf] &= goes
            shares[leaf, feature] = own
        leaf += 1


def _values(paths: Paths) -> Floats:
    """Return what each leaf adds to all outputs, shape (n_leaves, n_outputs)."""
    is_leaf = paths.edges["value"] != NOT_A_LEAF
    tree = np.searchsorted(paths.begin, np.flatnonzero(is_leaf), side="right") - 1
    own = paths.values[paths.edges["value"][is_leaf]]
    values = np.zeros((len(own), paths.n_outputs))
    at = paths.output[tree].astype(np.int64)[:, np.newaxis] + np.arange(own.shape[1])
    np.put_along_axis(values, at, own, axis=1)
    return values


def _tabulated(table: DecisionTable, leaves: _Leaves, features: list[int], outputs: Floats | None) -> Subsets:
    ends = [np.append(-np.inf, table.boundaries[f]) if table.gaps[f] else table.boundaries[f] for f in features]
    others = [[f for f in features if f != feature] for feature in features]
    values = _without_one(table, leaves, features)
    answers = _expected(leaves, features, features) if outputs is None else outputs
    return Subsets(
        features=np.array(features),
        begin=np.cumsum([0, *map(len, ends)]),
        boundaries=np.concatenate(ends),
        strides=np.array([_strides(known, features, table.shape) for known in [*others, features]]),
        places=np.cumsum([0, *map(len, values[:-1])]),
        values=np.concatenate(values),
        answers=None if outputs is None else table.answers.astype(np.uint32),
        outputs=answers / len(features),
        n_features=len(table.shape),
    )


def _without_one(table: DecisionTable, leaves: _Leaves, features: list[int]) -> list[Floats]:
    """Return, for each feature, the table of what does not depend on it, shape (n_places, n, n_outputs).

    Each subset but that of all features adds to the table of the first feature that is not in it.
    """
    n, n_outputs = len(features), leaves.values.shape[1]
    shapes = [[1 if f == feature else table.shape[f] for f in features] for feature in features]
    found = [np.zeros((*shape, n, n_outputs)) for shape in shapes]
    for subset in (s for size in range(n) for s in combinations(features, size)):
        first = next(i for i, f in enumerate(features) if f not in subset)
        own = [table.shape[f] if f in subset else 1 for f in features]
        expected = _expected(leaves, subset, features).reshape(*own, 1, n_outputs)
        weights = np.array([_weight(f in subset, len(subset), n) for f in features])
        found[first] += weights[:, np.newaxis] * expected
    return [each.reshape(-1, n, n_outputs) for each in found]


def _strides(known: Sequence[int], features: Sequence[int], sizes: Sequence[int]) -> list[int]:
    """Return by how much each feature's interval moves the place in a table: the last known one moves it by 1."""
    return [prod(sizes[f] for f in known if f > feature) if feature in known else 0 for feature in features]


def _weight(is_in: bool, size: int, n: int) -> float:
    """Return what a subset counts in the contribution of a feature that is in it, or is not, of n features."""
    without = size - 1 if is_in else size
    share = factorial(without) * factorial(n - without - 1) / factorial(n)
    return share if is_in else -share


def _expected(leaves: _Leaves, subset: Sequence[int], features: Sequence[int]) -> Floats:
    """Return a subset's table: the sum of all leaves at each place, shape (n_places, n_outputs)."""
    others, half = [f for f in features if f not in subset], (len(subset) + 1) // 2
    weighed = leaves.shares[:, others].prod(axis=1)[:, np.newaxis] * leaves.values
    first, last = (_side_by_side(leaves, part) for part in (subset[:half], subset[half:]))
    found = [(first * weighed[:, i : i + 1]).T @ last for i in range(weighed.shape[1])]
    return np.stack([each.ravel() for each in found], axis=1)


def _side_by_side(leaves: _Leaves, features: Sequence[int]) -> Floats:
    """Return which places of several features lead to each leaf, 1 or 0, the last feature varying fastest."""
    found = np.ones((len(leaves.values), 1), np.bool_)
    for feature in features:
        found = (found[:, :, np.newaxis] & leaves.boxes[feature][:, np.newaxis]).reshape(len(found), -1)
    return found.astype(np.float64)
