"""Random fitted forests, and rows on which a careless engine would differ from them.

The oracle is scikit-learn itself with n_jobs=1; nothing here asks an engine.
"""

import copy
from collections.abc import Callable
from functools import cache
from math import ceil, log2
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from tests.support.doubles import BEYOND_FLOAT32, FLOAT32_MAX, SPECIAL, any_doubles, around

DATASETS = {"iris": load_iris, "wine": load_wine, "breast cancer": load_breast_cancer}

Column = Callable[[np.random.Generator, int], np.ndarray]
COLUMNS: list[Column] = [
    lambda rng, n: rng.integers(0, 4, n) / 2,  # few values: ties, and thresholds that trees share
    lambda rng, n: rng.integers(0, 30, n) / 10,  # decimals, as people measure
    lambda rng, n: rng.normal(size=n),
    lambda rng, n: np.full(n, 2.5),  # constant: a feature without thresholds
    lambda rng, n: 1000 + rng.integers(0, 4, n) * 2.0**-14,  # float32 neighbours: thresholds are their midpoints
    lambda rng, n: rng.choice(np.array([0, 2.0**-149, -(2.0**-149), 1, -1]), n),
    lambda rng, n: rng.choice(np.array([-FLOAT32_MAX, -1e38, 0, 1e38, 2e38, FLOAT32_MAX]), n),
]
WORDS = np.array(["Malve", "", "wilde Möhre", "Δ", "a name of many letters"])
LABELS = [
    np.arange(5),
    np.array([1000, -7, 2**40, 3, 40]),
    np.array([0.0, -7, 2**40, 3, 40]),  # scikit-learn takes whole floats only
    np.array([False, True]),
    WORDS,
]


class Trained(NamedTuple):
    """A fitted forest, and the rows it was fitted to."""

    forest: Any
    rows: np.ndarray


@st.composite
def trained_forests(draw: st.DrawFn, max_cells: int | None = None, may_plant: bool = True) -> Trained:
    """Forests of every kind that an engine must reproduce.

    Args:
        draw: given by Hypothesis.
        max_cells: keeps the forest so small that its table has no more cells than that.
        may_plant: whether some thresholds may be replaced by values that training finds too rarely.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_features, n_classes, n_rows = draw(st.integers(1, 30)), draw(st.integers(2, 5)), draw(st.integers(5, 150))
    columns = draw(st.lists(st.sampled_from(COLUMNS), min_size=n_features, max_size=n_features))
    n_trees, max_depth = draw(_sizes(n_features, max_cells))
    rows = np.stack([column(rng, n_rows) for column in columns], axis=1)
    # Few rows of a class, and bootstrapping, leave classes out of whole trees.
    codes = np.append(np.arange(n_classes), rng.integers(0, n_classes, n_rows - n_classes))
    kind = draw(st.sampled_from([RandomForestClassifier, ExtraTreesClassifier]))
    forest = kind(
        n_trees,
        max_depth=max_depth,
        max_leaf_nodes=draw(st.sampled_from([None, 2**max_depth])),  # the limit makes trees grow in another order
        bootstrap=draw(st.booleans()),
        class_weight=draw(st.sampled_from([None, "balanced", "balanced_subsample"])),
        max_features=draw(st.sampled_from(["sqrt", None])),
        random_state=draw(st.integers(0, 2**32 - 1)),
        n_jobs=1,
    )
    some = np.append(np.ones(n_classes), rng.integers(0, 3, n_rows - n_classes))  # zeros, but for one row of a class
    weights = draw(st.sampled_from([None, some, rng.random(n_rows)]))
    labels = draw(st.sampled_from([labels for labels in LABELS if len(labels) >= n_classes]))
    fit(forest, rows, labels[codes], weights)
    if may_plant and draw(st.booleans()):
        plant(forest, rng)
    return Trained(forest, rows)


def forests_for(kind: str) -> st.SearchStrategy[Trained]:
    """Return forests that an engine of this kind can be made of: only some are small enough for a table."""
    return trained_forests(max_cells=20_000 if kind == "decision_table" else None)


@st.composite
def _sizes(draw: st.DrawFn, n_features: int, max_cells: int | None) -> tuple[int, int]:
    if max_cells is None:
        return draw(st.integers(1, 20)), draw(st.integers(1, 12))
    # s splits spread evenly over n features make the most cells, (s / n + 1) ** n.
    max_splits = int(n_features * (max_cells ** (1 / n_features) - 1))
    max_depth = draw(st.integers(1, min(7, int(log2(max_splits + 1)))))
    return draw(st.integers(1, min(20, max_splits // (2**max_depth - 1)))), max_depth


def fit(forest: Any, rows: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None) -> Any:
    """Return the forest, fitted."""
    # scikit-learn looks for infinities by summing the rows, and huge rows overflow.
    with np.errstate(over="ignore", invalid="ignore"):
        return forest.fit(rows, labels, weights)


@cache
def fit_dataset(name: str, n_trees: int = 100, max_depth: int | None = None, **options: Any) -> Trained:
    """Return a forest fitted to one of scikit-learn's data sets, with default settings but for the given ones.

    The same one for the same arguments: whoever changes it takes a copy.
    """
    rows, labels = DATASETS[name](return_X_y=True)
    options = {"random_state": 0, "n_jobs": 1} | options
    return Trained(RandomForestClassifier(n_trees, max_depth=max_depth, **options).fit(rows, labels), rows)


def plant(forest: Any, rng: np.random.Generator) -> None:
    """Replace about a third of the thresholds by values at which rounding is difficult."""
    for estimator in forest.estimators_:
        tree = estimator.tree_
        chosen = (tree.children_left >= 0) & (rng.random(tree.node_count) < 1 / 3)
        tree.threshold[chosen] = rng.choice(np.append(around(SPECIAL), BEYOND_FLOAT32), chosen.sum())


def thresholds_of(forest: Any, feature: int) -> np.ndarray:
    """Return the distinct thresholds at which a forest's trees split one feature."""
    trees = [estimator.tree_ for estimator in forest.estimators_]
    return np.unique(np.concatenate([tree.threshold[tree.feature == feature] for tree in trees]))


def adversarial_rows(trained: Trained, n_rows: int, seed: int = 0) -> np.ndarray:
    """Return rows at the edges of a forest's decisions.

    In the first half every value is around a threshold or special, each of them in turn. The second half are training
    rows with one such value, which keeps them in the crowded part of the forest, and with random doubles.
    """
    rng = np.random.default_rng(seed)
    edges = np.empty((n_rows, trained.rows.shape[1]))
    for feature in range(edges.shape[1]):
        nasty = around(np.append(thresholds_of(trained.forest, feature), SPECIAL))
        edges[:, feature] = np.resize(rng.permutation(nasty), n_rows)
    half = ceil(n_rows / 2)
    crowded = trained.rows[rng.integers(0, len(trained.rows), n_rows - half)]
    at = np.arange(len(crowded)), rng.integers(0, edges.shape[1], len(crowded))
    crowded[at] = np.where(rng.random(len(crowded)) < 0.9, edges[half:][at], any_doubles(rng, len(crowded)))
    return np.concatenate([edges[:half], crowded])


def probabilities_of(forest: Any, rows: np.ndarray) -> np.ndarray:
    """Return what the oracle answers."""
    return _ask(forest, "predict_proba", rows)


def labels_of(forest: Any, rows: np.ndarray) -> np.ndarray:
    """Return the oracle's labels."""
    return _ask(forest, "predict", rows)


def _ask(forest: Any, method: str, rows: np.ndarray) -> np.ndarray:
    oracle = copy.copy(forest)
    oracle.n_jobs = 1  # several threads add the trees in the order of their arrival
    with np.errstate(over="ignore", invalid="ignore"):  # as in fit
        found: np.ndarray = getattr(oracle, method)(rows)
    return found


def bits(probabilities: Any) -> np.ndarray:
    """Return the bits of doubles, for which equal means identical."""
    return np.asarray(probabilities, np.float64).view(np.uint64)
