"""The trees of any family of scikit-learn's, in one form: what each node asks, and what the leaves add up to.

Only this module knows how each family keeps its trees and makes an answer of them.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.ensemble._forest import BaseForest
from sklearn.ensemble._gb import _init_raw_predictions
from sklearn.tree import BaseDecisionTree

from forest_serving.engines.engine import Floats
from forest_serving.engines.labels import plain

_MISSING = 256  # in a set of categories, the place of missing values
N_CODES = _MISSING + 1


class Nodes(NamedTuple):
    """The nodes of trees, one tree behind the other; shape (n_nodes,) each, but for value.

    Attributes:
        column: the column of the trees' input that is compared.
        threshold: a row whose value is at most this goes left.
        missing_left: whether NaN goes left.
        left: the left child, or -1 for a leaf.
        right: the right child.
        group: the number of a set of categories that go left, in place of a threshold; -1 if there is none.
        value: shape (n_nodes, width), what a leaf adds to the outputs.
        cover: how many training rows reached the node, or their weights.
    """

    column: NDArray[np.int64]
    threshold: Floats
    missing_left: NDArray[np.bool_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    group: NDArray[np.int64]
    value: Floats
    cover: Floats


class Ensemble(NamedTuple):
    """All that a fitted estimator is.

    Attributes:
        nodes: of all trees.
        starts: shape (n_trees + 1,), each tree's root, and the end.
        groups: shape (n_groups, N_CODES), which category codes go left, the last place being that of missing values.
        output: shape (n_trees,), the first output that each tree adds to.
        base: shape (n_outputs,), what the sums begin with.
        link: from sums to answers, a name in links.LINKS.
        classes: the labels, or none.
        rounds: whether values are rounded to float32 before they are compared.
    """

    nodes: Nodes
    starts: NDArray[np.int64]
    groups: NDArray[np.bool_]
    output: NDArray[np.int64]
    base: Floats
    link: str
    classes: NDArray[Any]
    rounds: bool


def ensemble_of(trees: Any) -> Ensemble:
    """Return a fitted estimator's trees.

    Args:
        trees: a decision tree, a forest, or boosted trees.
    """
    if isinstance(trees, BaseDecisionTree):
        return _of_means(trees, [trees])
    if isinstance(trees, BaseForest):
        return _of_means(trees, trees.estimators_)
    if isinstance(trees, GradientBoostingClassifier | GradientBoostingRegressor):
        return _of_boosting(trees)
    return _of_histogram_boosting(trees)


def _classes(estimator: Any) -> NDArray[Any]:
    return plain(estimator.classes_) if is_classifier(estimator) else np.empty(0, np.int64)


def _of_means(estimator: Any, members: Iterable[Any]) -> Ensemble:
    found = [member.tree_ for member in members]
    nodes, starts = _joined([_of_tree(tree, np.ascontiguousarray(tree.value[:, 0, :])) for tree in found])
    classes = _classes(estimator)
    # A lone tree's values are not added to zero: -0.0 stays what it is.
    base = np.full(max(1, len(classes)), 0.0 if isinstance(estimator, BaseForest) else -0.0)
    link = "mean" if len(classes) else "mean value"
    return Ensemble(nodes, starts, _no_groups(), np.zeros(len(found), np.int64), base, link, classes, rounds=True)


def _of_boosting(estimator: Any) -> Ensemble:
    stages = estimator.estimators_
    scaled = [_of_tree(m.tree_, estimator.learning_rate * m.tree_.value[:, 0, :]) for m in stages.ravel()]
    nodes, starts = _joined(scaled)
    output, classes = np.tile(np.arange(stages.shape[1]), len(stages)), _classes(estimator)
    if not len(classes):
        link = "value"
    elif stages.shape[1] > 1:
        link = "softmax by row"
    else:
        link = "logistic of double" if estimator.loss == "exponential" else "logistic from zero"
    return Ensemble(nodes, starts, _no_groups(), output, _first_scores(estimator), link, classes, rounds=True)


def _first_scores(boosting: Any) -> Floats:
    """Return the raw scores before the first tree: those of a Dummy estimator, which are the same for all rows."""
    if boosting.init_ == "zero":
        return np.zeros(boosting.n_trees_per_iteration_)
    row = np.zeros((1, boosting.n_features_in_), np.float32)
    scores: Floats = _init_raw_predictions(row, boosting.init_, boosting._loss, is_classifier(boosting))[0]
    return scores


def _of_histogram_boosting(estimator: Any) -> Ensemble:
    stages, classes = estimator._predictors, _classes(estimator)
    known, position = estimator._bin_mapper.make_known_categories_bitsets()
    parts, groups = [], [_no_groups()]
    for predictor in (predictor for stage in stages for predictor in stage):
        parts.append(_of_predictor(predictor.nodes, sum(map(len, groups))))
        groups.append(_groups_of(predictor, known, position))
    nodes, starts = _joined(parts)
    n_outputs = len(stages[0])
    if not len(classes):
        link = "exp of value" if estimator.loss in {"poisson", "gamma"} else "value"
    else:
        link = "softmax by column" if n_outputs > 1 else "logistic above zero"
    base = np.ravel(estimator._baseline_prediction).astype(np.float64)
    output = np.tile(np.arange(n_outputs), len(stages))
    return Ensemble(nodes, starts, np.concatenate(groups), output, base, link, classes, rounds=False)


def _of_tree(tree: Any, value: Floats) -> Nodes:
    no_group = np.full(tree.node_count, -1)
    missing_left = tree.missing_go_to_left.astype(np.bool_)
    feature = np.maximum(tree.feature, 0)  # that of a leaf is -2
    children, cover = (tree.children_left, tree.children_right), tree.weighted_n_node_samples
    return Nodes(feature, tree.threshold, missing_left, *children, no_group, value, cover)


def _of_predictor(nodes: Any, n_groups: int) -> Nodes:
    leaf = nodes["is_leaf"] == 1
    is_group = (nodes["is_categorical"] == 1) & ~leaf
    return Nodes(
        nodes["feature_idx"].astype(np.int64),
        nodes["num_threshold"],
        nodes["missing_go_to_left"] == 1,
        np.where(leaf, -1, nodes["left"].astype(np.int64)),
        np.where(leaf, -1, nodes["right"].astype(np.int64)),
        np.where(is_group, n_groups + np.cumsum(is_group) - 1, -1),
        nodes["value"].reshape(-1, 1),
        nodes["count"].astype(np.float64),
    )


def _groups_of(predictor: Any, known: Any, position: Any) -> NDArray[np.bool_]:
    """Return which codes go left in each node that asks for categories: unknown ones go where missing values go."""
    nodes = predictor.nodes[(predictor.nodes["is_categorical"] == 1) & (predictor.nodes["is_leaf"] == 0)]
    if not len(nodes):
        return _no_groups()
    left = _bits(predictor.raw_left_cat_bitsets[nodes["bitset_idx"]])
    is_known = _bits(known[position[nodes["feature_idx"]]])
    missing_left = (nodes["missing_go_to_left"] == 1)[:, np.newaxis]
    return np.hstack([left | (~is_known & missing_left), missing_left])


def _bits(sets: NDArray[np.uint32]) -> NDArray[np.bool_]:
    codes = np.arange(_MISSING)
    return (sets[:, codes // 32] >> (codes % 32).astype(np.uint32) & 1).astype(np.bool_)


def _no_groups() -> NDArray[np.bool_]:
    return np.empty((0, N_CODES), np.bool_)


def _joined(parts: list[Nodes]) -> tuple[Nodes, NDArray[np.int64]]:
    """Return the nodes of all trees, with children that are counted through, and where each tree starts."""
    sizes = np.array([len(part.column) for part in parts])
    starts = np.cumsum([0, *sizes])
    join: Callable[..., Any] = np.concatenate
    joined = Nodes(*(join(arrays) for arrays in zip(*parts, strict=True)))
    offset = np.where(joined.left < 0, 0, np.repeat(starts[:-1], sizes))
    return joined._replace(left=joined.left + offset, right=joined.right + offset), starts
