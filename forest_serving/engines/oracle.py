"""scikit-learn as the oracle: what engines are made from and proved against."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from forest_serving.engines.engine import Floats
from forest_serving.engines.labels import plain
from forest_serving.engines.unpacking import unpacked
from forest_serving.errors import NotCompilable

__all__ = ["ask", "oracle_of", "trees_of", "unpacked"]


def oracle_of(model: Any) -> Any:
    """Return a model's forest as engines ask it: silent, in one thread, and with labels that need no pickle.

    With several threads scikit-learn adds the trees in the order of their arrival, so that last bits vary.
    """
    model = unpacked(model)
    _check_has_engine(model)
    oracle = copy.copy(model)
    oracle.n_jobs, oracle.verbose = 1, 0
    oracle.classes_ = plain(oracle.classes_)
    vars(oracle).pop("feature_names_in_", None)  # it would warn that engines ask with arrays
    return oracle


def trees_of(forest: Any) -> list[Any]:
    """Return each tree's arrays, in the order in which scikit-learn adds them."""
    return [estimator.tree_ for estimator in forest.estimators_]


def ask(method: Callable[[Floats], NDArray[Any]], rows: Floats) -> NDArray[Any]:
    """Call a forest's method. To look for NaN it adds all values up, where huge ones overflow and NumPy would warn."""
    with np.errstate(invalid="ignore"):
        return method(rows)


def _check_has_engine(model: Any) -> None:
    """Raise if no engine is made of such a model yet."""
    if not isinstance(model, RandomForestClassifier | ExtraTreesClassifier):
        raise NotCompilable(f"A {type(model).__name__} cannot be compiled yet; save a RandomForestClassifier.")
    for tree in trees_of(model):
        # A split may part gaps from numbers, at infinity. Then there were gaps; there may have been some without it.
        at_infinity = tree.feature[~np.isfinite(tree.threshold)]
        if at_infinity.size:
            raise NotCompilable(
                f"The forest was trained with missing values ({_column(model, at_infinity[0])} has a split for them);"
                " fill them in or drop those rows, then train."
            )


def _column(forest: Any, feature: int) -> str:
    names = getattr(forest, "feature_names_in_", None)
    return f"column {feature}" if names is None else f'column "{names[feature]}"'
