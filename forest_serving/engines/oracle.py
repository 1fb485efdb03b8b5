"""scikit-learn as the oracle: what engines are made from and proved against."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from forest_serving.engines.engine import Floats
from forest_serving.errors import NotCompilable


def oracle_of(forest: Any) -> Any:
    """Return the forest with n_jobs=1, after checking that an engine can reproduce it.

    With several threads scikit-learn adds the trees in the order of their arrival, so that last bits vary.
    """
    if not isinstance(forest, RandomForestClassifier | ExtraTreesClassifier):
        raise NotCompilable(f"A {type(forest).__name__} cannot be compiled; train a RandomForestClassifier.")
    try:
        check_is_fitted(forest)
    except NotFittedError:
        raise NotCompilable("The forest is not fitted; call fit first.") from None
    if forest.n_outputs_ != 1:
        raise NotCompilable(f"The forest has {forest.n_outputs_} outputs; train one forest per output.")
    classes = _as_text(forest.classes_)
    if classes.dtype.kind not in "iuU":
        raise NotCompilable("The forest's labels are neither whole numbers nor strings; number the classes.")
    if not all(np.isfinite(tree.threshold).all() for tree in trees_of(forest)):
        raise NotCompilable("The forest was trained with missing values; fill them in or drop those rows, then train.")
    oracle = copy.copy(forest)
    oracle.n_jobs = 1
    oracle.classes_ = classes
    vars(oracle).pop("feature_names_in_", None)  # it would warn that engines ask with arrays
    return oracle


def _as_text(classes: NDArray[Any]) -> NDArray[Any]:
    """Return labels that are Python strings as NumPy's, which need no pickle; others as they are."""
    return classes.astype(str) if all(isinstance(label, str) for label in classes.tolist()) else classes


def trees_of(forest: Any) -> list[Any]:
    """Return each tree's arrays, in the order in which scikit-learn adds them."""
    return [estimator.tree_ for estimator in forest.estimators_]


def ask(method: Callable[[Floats], NDArray[Any]], rows: Floats) -> NDArray[Any]:
    """Call a forest's method. To look for NaN it adds all values up, where huge ones overflow and NumPy would warn."""
    with np.errstate(invalid="ignore"):
        return method(rows)
