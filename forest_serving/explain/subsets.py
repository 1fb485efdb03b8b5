"""Contributions in a decision table: what trees expect once some features are known, for each subset of the features.

A row's contributions follow from what is expected with each subset of its values known. That depends on the intervals
that these values are in, and a table has few of them. So it is kept for all: a small table for each subset of features.
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

MOST_DOUBLES = 2_000_000  # of all tables, 16 MB
_MOST_STEPS = 20_000_000  # of leaves × intervals and subsets, about 0.2 s


class Subsets(NamedTuple):
    """A table for each subset of the features that trees ask for.

    Attributes:
        features: their positions, in the rows.
        begin: shape (n + 1,), where each one's boundaries begin.
        boundaries: of each one, ascending; -inf is first where a value may be missing.
        strides: shape (n_subsets, n), by how much each one's interval moves the place in a subset's table.
        places: shape (n_subsets,), where tables begin.
        values: shape (n_places, n_outputs), all tables.
        weights: shape (n, n_subsets), what each table counts in a feature's contribution.
    """

    features: Integers
    begin: Integers
    boundaries: Floats
    strides: Integers
    places: Integers
    values: Floats
    weights: Floats

    def intervals(self, rows: Floats) -> Integers:
        """Return the interval of each value that matters, shape (n_rows, n)."""
        ends = [self.boundaries[a:b] for a, b in zip(self.begin[:-1], self.begin[1:], strict=True)]
        found = [end.searchsorted(rows[:, f]) for f, end in zip(self.features.tolist(), ends, strict=True)]
        intervals = np.stack(found, axis=1)
        return np.where(np.isnan(rows[:, self.features]), 0, intervals)

    def add(self, rows: Floats, found: Floats) -> None:
        """Add each row's contributions to found, shape (n_rows, n_features, n_outputs)."""
        expected = self.values[self.intervals(rows) @ self.strides.T + self.places]
        found[:, self.features] += self.weights @ expected


def subsets_of(table: DecisionTable, columns: Columns, paths: Paths) -> Subsets | None:
    """Return the tables of all subsets; None if they are many or large.

    Args:
        table: the table.
        columns: of the forest that it was made of.
        paths: that forest's trees.
    """
    sizes = np.array(table.shape)
    features = np.flatnonzero(sizes > 1)
    n_leaves = int(np.count_nonzero(paths.edges["value"] != NOT_A_LEAF))
    too_large = prod(int(size) + 1 for size in sizes[features]) * paths.n_outputs > MOST_DOUBLES
    if not len(features) or too_large or n_leaves * (int(sizes.sum()) + 2 ** len(features)) > _MOST_STEPS:
        return None
    boxes = [np.ones((n_leaves, size), np.bool_) for size in sizes]
    shares = np.ones((n_leaves, len(sizes)))
    _fill(paths, columns, _ends(table), boxes, shares)
    return _tabulated(table, features.tolist(), boxes, shares, _values(paths))


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


def _tabulated(
    table: DecisionTable, features: list[int], boxes: list[NDArray[np.bool_]], shares: Floats, values: Floats
) -> Subsets:
    n, place, subsets = len(features), 0, [s for k in range(len(features) + 1) for s in combinations(features, k)]
    strides, places, tables = np.zeros((len(subsets), n), np.int64), np.zeros(len(subsets), np.int64), []
    weights = np.zeros((n, len(subsets)))
    for number, subset in enumerate(subsets):
        others = [f for f in features if f not in subset]
        tables.append(_expected([boxes[f] for f in subset], shares[:, others].prod(axis=1)[:, np.newaxis] * values))
        places[number], place = place, place + len(tables[-1])
        for i, feature in enumerate(features):
            after = [f for f in subset if f > feature]
            strides[number, i] = prod(boxes[f].shape[1] for f in after) if feature in subset else 0
            weights[i, number] = _weight(feature in subset, len(subset), n)
    ends = [np.append(-np.inf, table.boundaries[f]) if table.gaps[f] else table.boundaries[f] for f in features]
    begin = np.cumsum([0, *map(len, ends)])
    found = np.concatenate(tables)
    return Subsets(np.array(features), begin, np.concatenate(ends), strides, places, found, weights)


def _weight(is_in: bool, size: int, n: int) -> float:
    """Return what a subset counts in the contribution of a feature that is in it, or is not, of n features."""
    without = size - 1 if is_in else size
    share = factorial(without) * factorial(n - without - 1) / factorial(n)
    return share if is_in else -share


def _expected(boxes: Sequence[NDArray[np.bool_]], weighed: Floats) -> Floats:
    """Return the sum of the leaves' values over all places of a subset's table, shape (n_places, n_outputs)."""
    n_outputs, half = weighed.shape[1], (len(boxes) + 1) // 2
    first = _side_by_side(boxes[:half], np.ones((len(weighed), 1)))
    last = _side_by_side(boxes[half:], np.ones((len(weighed), 1)))
    found = [(first * weighed[:, i : i + 1]).T @ last for i in range(n_outputs)]
    return np.stack([each.ravel() for each in found], axis=1)


def _side_by_side(boxes: Sequence[NDArray[np.bool_]], start: Floats) -> Floats:
    """Return for each leaf which places of several features lead to it, the last feature varying fastest."""
    for box in boxes:
        start = (start[:, :, np.newaxis] * box[:, np.newaxis]).reshape(len(start), -1)
    return start
