"""The trees of a forest as lists of edges, each before those below it, in the arrays that the kernel reads."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.columns import LEAF
from forest_serving.engines.engine import Floats
from forest_serving.engines.forest import Forest
from forest_serving.errors import DamagedModel
from forest_serving.explain.quadrature import n_points_for, points_of

EDGE = np.dtype(
    [
        ("share", "<f8"),
        ("value", "<u4"),
        ("feature_left", "<u4"),
        *((name, "<u2") for name in ("rank", "column", "depth", "above")),
    ]
)
NOT_A_LEAF = 2**32 - 1
MOST_DEPTH = 65_535

Integers = NDArray[np.int64]


class Paths(NamedTuple):
    """Trees, as explain.c describes them.

    Attributes:
        edges: shape (n_edges,), EDGE.
        begin: shape (n_trees + 1,), where each tree's edges begin, and the end.
        output: shape (n_trees,), the first output that each tree adds to.
        values: shape (n_values, width), what leaves add.
        n_points: shape (n_trees,), how many points a tree takes.
        points_at: shape (n_trees,), where they begin.
        points: those of all numbers of points that occur.
        weights: theirs.
        n_outputs: how many outputs are explained.
        expected: shape (n_outputs,), the sum over all trees of what a tree answers on average.
        depth: of the deepest edge.
    """

    edges: NDArray[Any]
    begin: Integers
    output: NDArray[np.uint32]
    values: Floats
    n_points: Integers
    points_at: Integers
    points: Floats
    weights: Floats
    n_outputs: int
    expected: Floats
    depth: int


class _Level(NamedTuple):
    """The nodes of one depth, and what is above each.

    Attributes:
        nodes: the right ones behind the left ones, in the order of their parents.
        parent: -1 for a root.
        above: the node at the lower end of the last edge of the same feature before the one to this node; -1 if none.
        tree: the number of its tree.
    """

    nodes: Integers
    parent: Integers
    above: Integers
    tree: Integers


def paths_of(forest: Forest, cover: Floats, values: Floats) -> Paths:
    """Return a forest's trees.

    Args:
        forest: the forest.
        cover: shape (n_nodes,), how many training rows reached each node, or their weights.
        values: shape (n_values, width), what a leaf adds, in the order of forest.trees.values.

    Raises:
        DamagedModel: if a tree is deeper than MOST_DEPTH.
    """
    trees, node = forest.trees, forest.trees.nodes
    feature = forest.columns.feature[node["column"]]
    levels = _levels(node, trees.roots.astype(np.int64), feature)
    own, n_features = _own_shares(node, levels, cover), np.zeros(len(node), np.int64)
    edges = np.zeros(len(node), EDGE)
    edges["value"] = np.where(node["rank"] == LEAF, trees.value_of, NOT_A_LEAF)
    edges["share"] = own
    for depth, (nodes, parent, above, _) in enumerate(levels[1:], 1):
        edges["share"][nodes] *= np.where(above < 0, 1.0, edges["share"][above])
        n_features[nodes] = n_features[parent] + (above < 0)
        edges["depth"][nodes] = depth
        edges["above"][nodes] = np.where(above < 0, 0, edges["depth"][above])
        edges["feature_left"][nodes] = feature[parent] * 2 + (nodes == node["left"][parent])
        edges["rank"][nodes], edges["column"][nodes] = node["rank"][parent], node["column"][parent]
    order, begin = _order(node, levels)
    counts = _most_features(levels, n_features, len(trees.roots))
    n_points, points_at, points, weights = _points(counts)
    sums = _expected(node, levels, own, values[trees.value_of])
    expected = np.zeros(int(trees.output.max()) + values.shape[1])
    for output, means in zip(trees.output.tolist(), sums, strict=True):
        expected[output : output + len(means)] += means
    return Paths(
        edges[order],
        begin,
        trees.output,
        values,
        n_points,
        points_at,
        points,
        weights,
        len(expected),
        expected,
        len(levels) - 1,
    )


def _levels(node: NDArray[Any], roots: Integers, feature: NDArray[np.uint32]) -> list[_Level]:
    """Return the nodes from the roots down."""
    none = np.full(len(roots), -1)
    levels, parent_of = [_Level(roots, none, none, np.arange(len(roots)))], np.full(len(node), -1)
    while True:
        inner = node["rank"][levels[-1].nodes] != LEAF
        if not inner.any():
            return levels
        if len(levels) > MOST_DEPTH:
            raise DamagedModel(f"A tree is deeper than {MOST_DEPTH:,} levels, and cannot be explained.")
        nodes, tree = levels[-1].nodes[inner], levels[-1].tree[inner]
        left = node["left"][nodes].astype(np.int64)
        children, parent = np.concatenate([left, left + 1]), np.concatenate([nodes, nodes])
        parent_of[children] = parent
        above = _last_of_feature(nodes, feature, parent_of)
        levels.append(_Level(children, parent, np.concatenate([above, above]), np.concatenate([tree, tree])))


def _last_of_feature(parent: Integers, feature: NDArray[np.uint32], parent_of: Integers) -> Integers:
    """Return, for an edge from each parent, the node at the lower end of the last edge before it of its feature."""
    found, searching, at = np.full(len(parent), -1), np.arange(len(parent)), parent
    while len(searching):
        up = parent_of[at]
        searching, at, up = searching[up >= 0], at[up >= 0], up[up >= 0]
        same = feature[up] == feature[parent[searching]]
        found[searching[same]] = at[same]
        searching, at = searching[~same], up[~same]
    return found


def _own_shares(node: NDArray[Any], levels: list[_Level], cover: Floats) -> Floats:
    """Return which share of the rows that reach its parent each node has; 1 for a root."""
    shares = np.ones(len(node))
    for nodes, parent, _, _ in levels[1:]:
        left = node["left"][parent].astype(np.int64)
        shares[nodes] = cover[nodes] / (cover[left] + cover[left + 1])
    return shares


def _order(node: NDArray[Any], levels: list[_Level]) -> tuple[Integers, Integers]:
    """Return the nodes but the roots, each before those below it, and where each tree's begin."""
    size, place = np.ones(len(node), np.int64), np.full(len(node), -1)
    for nodes, parent, _, _ in reversed(levels[1:]):
        np.add.at(size, parent, size[nodes])
    roots = levels[0].nodes
    begin = np.cumsum([0, *(size[roots] - 1)])
    place[roots] = begin[:-1] - 1
    for nodes, parent, _, _ in levels[1:]:
        left, right = np.split(nodes, 2)
        place[left] = place[parent[: len(left)]] + 1
        place[right] = place[left] + size[left]
    order = np.empty(begin[-1], np.int64)
    below = np.delete(np.arange(len(node)), roots)
    order[place[below]] = below
    return order, begin


def _most_features(levels: list[_Level], n_features: Integers, n_trees: int) -> Integers:
    """Return the most features on a path of each tree."""
    most = np.zeros(n_trees, np.int64)
    for level in levels:
        np.maximum.at(most, level.tree, n_features[level.nodes])
    return most


def _points(n_factors: Integers) -> tuple[Integers, Integers, Floats, Floats]:
    """Return for each tree how many points it takes, and where they begin; and all points with their weights."""
    n_points = np.array([n_points_for(n) for n in n_factors.tolist()], np.int64)
    kinds = np.unique(n_points)
    begin = np.cumsum([0, *kinds])[:-1]
    points, weights = zip(*map(points_of, kinds.tolist()), strict=True)
    return n_points, begin[np.searchsorted(kinds, n_points)], np.concatenate(points), np.concatenate(weights)


def _expected(node: NDArray[Any], levels: list[_Level], own: Floats, values: Floats) -> Floats:
    """Return what each tree answers on average over its training rows, shape (n_trees, width)."""
    means = np.where((node["rank"] == LEAF)[:, np.newaxis], values, 0.0)
    for nodes, parent, _, _ in reversed(levels[1:]):
        np.add.at(means, parent, means[nodes] * own[nodes, np.newaxis])
    return means[levels[0].nodes]
