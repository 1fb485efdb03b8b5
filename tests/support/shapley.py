"""Shapley's values by their definition: all subsets of the columns that a client sends, on scikit-learn's own trees."""

from functools import cache
from itertools import combinations
from math import factorial

import numpy as np

from forest_serving.engines.ensembles import ensemble_of
from forest_serving.engines.oracle import Oracle
from tests.support.compiled import inputs_of


class Shapley:
    """What each column adds to a fitted model's answers, where those of unknown columns follow the training rows.

    Args:
        model: what unpacked takes.
        missing: the positions in X of the columns that may have gaps.
    """

    def __init__(self, model, missing=()):
        self.inputs = inputs_of(model, missing)
        self.oracle, self.ensemble = Oracle(model, self.inputs), ensemble_of(self.inputs.trees)
        self.divisor = len(self.ensemble.output) if self.ensemble.link in ("mean", "mean value") else 1

    def explain(self, row):
        """Return the base, shape (n_outputs,), and contributions, shape (n_features, n_outputs), of a row."""
        n = len(self.inputs.features)
        given = self.oracle.given(np.array([row], np.float64))[0]
        given = given.astype(np.float32).astype(np.float64) if self.ensemble.rounds else given
        expected = cache(lambda known: self._expected(given, known) / self.divisor)
        found = np.zeros((n, len(self.ensemble.base)))
        for size in range(n):
            share = factorial(size) * factorial(n - size - 1) / factorial(n)
            for known in map(frozenset, combinations(range(n), size)):
                for feature in set(range(n)) - known:
                    found[feature] += share * (expected(known | {feature}) - expected(known))
        return expected(frozenset()), found

    def _expected(self, given, known):
        """Return what the trees answer on average where only some of the features are known."""
        sums = self.ensemble.base.copy()
        for root, output in zip(self.ensemble.starts[:-1].tolist(), self.ensemble.output.tolist(), strict=True):
            value = self._below(root, given, known)
            sums[output : output + len(value)] += value
        return sums

    def _below(self, node, given, known):
        nodes = self.ensemble.nodes
        if nodes.left[node] < 0:
            return nodes.value[node]
        left, right, column = int(nodes.left[node]), int(nodes.right[node]), int(nodes.column[node])
        if self.inputs.columns[column].feature in known:
            return self._below(left if self._goes_left(node, given[column]) else right, given, known)
        shares = nodes.cover[[left, right]] / nodes.cover[node]
        return shares[0] * self._below(left, given, known) + shares[1] * self._below(right, given, known)

    def _goes_left(self, node, value):
        nodes = self.ensemble.nodes
        if nodes.group[node] >= 0:
            group = self.ensemble.groups[nodes.group[node]]
            return group[int(value) if 0 <= value < len(group) - 1 else len(group) - 1]
        return bool(nodes.missing_left[node]) if np.isnan(value) else value <= nodes.threshold[node]
