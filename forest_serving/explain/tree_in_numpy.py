"""What one tree contributes, with NumPy: all edges of one depth together, as explain.c does it one by one."""

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.columns import Ranks
from forest_serving.engines.engine import Floats
from forest_serving.explain.paths import NOT_A_LEAF, Integers, Paths

States = NDArray[np.int64]  # of each row, at each edge: whether it keeps to the feature's edges, leaves them, has left

_KEEPS, _LEAVES, _LEFT = range(3)


class TreeInNumpy:
    """One tree of paths.

    Args:
        paths: all trees.
        tree: the number of this one.
    """

    def __init__(self, paths: Paths, tree: int) -> None:
        self.edges = paths.edges[paths.begin[tree] : paths.begin[tree + 1]]
        points = slice(paths.points_at[tree], paths.points_at[tree] + paths.n_points[tree])
        self.points, self.weights = paths.points[points], paths.weights[points]
        depth = self.edges["depth"].astype(np.int64)
        self.by_depth = [np.flatnonzero(depth == d) for d in range(1 + int(depth.max(initial=0)))]
        self.parent = self._last_before(depth - 1)
        self.above = self._last_before(self.edges["above"].astype(np.int64))
        is_leaf = (self.edges["value"] != NOT_A_LEAF)[:, np.newaxis]
        self.values = np.where(is_leaf, paths.values[np.where(is_leaf[:, 0], self.edges["value"], 0)], 0.0)

    def add(self, ranks: Ranks, found: Floats) -> None:
        """Add what the tree contributes.

        Args:
            ranks: shape (n_rows, n_columns).
            found: shape (n_rows, n_features, width).
        """
        if not len(self.edges):
            return
        factors, gains = self._weighed()
        states = self._states(ranks)
        feature = (self.edges["feature_left"] >> 1).astype(np.int64)
        for row, state in zip(found, states, strict=True):
            sums = self._sums(self._products(state, factors))
            own = gains[state, np.arange(len(state))][:, np.newaxis]
            np.add.at(row, feature, (sums * own).sum(axis=2))

    def _last_before(self, depths: Integers) -> Integers:
        """Return, for each edge, the last one before it of a depth, which is on the way to it; -1 for depth 0."""
        found = np.full(len(depths), -1)
        for depth in np.unique(depths[depths > 0]).tolist():
            asking, asked = np.flatnonzero(depths == depth), self.by_depth[depth]
            found[asking] = asked[asked.searchsorted(asking) - 1]
        return found

    def _weighed(self) -> tuple[Floats, Floats]:
        """Return, for each state, edge and point, the factor of products and the gain of sums."""
        share, has_above = self.edges["share"][:, np.newaxis], (self.above >= 0)[:, np.newaxis]
        rest, before = 1 - self.points, np.where(has_above, share[self.above], 1.0)
        inverse = 1.0 / (self.points + share * rest)
        was = np.where(has_above, inverse[self.above], 1.0)
        factors = np.stack([was / inverse, share * rest * was, np.broadcast_to(share / before, was.shape)])
        gains = np.stack([self.weights * (before - share) * inverse * was, -self.weights / rest * was, 0 * was])
        return factors, gains

    def _states(self, ranks: Ranks) -> States:
        goes_left = ranks[:, self.edges["column"]] <= self.edges["rank"]
        states = np.where(goes_left == (self.edges["feature_left"] & 1), _KEEPS, _LEAVES)
        for at in self.by_depth[1:]:
            has_left = (self.above[at] >= 0) & (states[:, self.above[at]] != _KEEPS)
            states[:, at] = np.where(has_left, _LEFT, states[:, at])
        return states

    def _products(self, state: States, factors: Floats) -> Floats:
        """Return one row's products, shape (n_edges, n_points)."""
        products = np.ones((len(state) + 1, len(self.points)))  # the last one is the root's: -1 is its place
        for at in self.by_depth[1:]:
            products[at] = products[self.parent[at]] * factors[state[at], at]
        return products[:-1]

    def _sums(self, products: Floats) -> Floats:
        """Return what is below each edge, shape (n_edges, width, n_points)."""
        sums = products[:, np.newaxis] * self.values[:, :, np.newaxis]
        for at in reversed(self.by_depth[2:]):
            np.add.at(sums, self.parent[at], sums[at])
        return sums
