"""scikit-learn as the oracle: what engines are made from and proved against. No other module here imports it."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from forest_serving.engines.engine import Floats
from forest_serving.engines.labels import plain
from forest_serving.engines.ways_out import way_out
from forest_serving.errors import NotCompilable


def unpacked(model: Any) -> Any:
    """Return the fitted forest that a model is, or that it holds; the model stays as it is.

    Args:
        model: a RandomForestClassifier or an ExtraTreesClassifier, or a search such as GridSearchCV that found one.

    Raises:
        NotCompilable: if there is none, or no engine can reproduce it; the sentence says what to do instead.
    """
    while hasattr(model, "best_estimator_"):
        model = model.best_estimator_
    if hasattr(model, "estimator") and hasattr(model, "refit"):
        raise NotCompilable(_of_search(model))
    if isinstance(model, Pipeline):
        raise NotCompilable(_of_pipeline(model))
    if not _answers_as_a_forest(type(model)):
        raise NotCompilable(way_out(model))
    _check_fit(model)
    return model


def oracle_of(model: Any) -> Any:
    """Return a model's forest as engines ask it: silent, in one thread, and with labels that need no pickle.

    With several threads scikit-learn adds the trees in the order of their arrival, so that last bits vary.
    """
    oracle = copy.copy(unpacked(model))
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


def _of_search(search: Any) -> str:
    name = type(search).__name__
    if search.refit:
        return f"The {name} is not fitted; call fit first."
    return f"The {name} kept no forest, because of refit=False; set refit=True and fit it again."


def _of_pipeline(pipeline: Pipeline) -> str:
    unpacked(pipeline.steps[-1][1])  # no way out leads through a step that is refused itself
    if len(pipeline.steps) == 1:
        return "A Pipeline cannot be compiled yet; save its only step: pipeline[-1]."
    return (
        "A Pipeline cannot be compiled yet; save its last step with the rows as the steps before it leave them:"
        " pipeline[-1], pipeline[:-1].transform(X)."
    )


def _answers_as_a_forest(kind: type) -> bool:
    """Return whether it is a forest whose methods are scikit-learn's own: a derived one may answer otherwise."""
    return issubclass(kind, RandomForestClassifier | ExtraTreesClassifier) and all(
        getattr(kind, method) is getattr(RandomForestClassifier, method) for method in ("predict", "predict_proba")
    )


def _check_fit(forest: Any) -> None:
    try:
        check_is_fitted(forest)
    except NotFittedError:
        raise NotCompilable("The forest is not fitted; call fit first.") from None
    if forest.n_outputs_ != 1:
        raise NotCompilable(f"The forest has {forest.n_outputs_} outputs; train one forest per output.")
    plain(forest.classes_)
    for tree in trees_of(forest):
        # A split may part gaps from numbers, at infinity. Then there were gaps; there may have been some without it.
        at_infinity = tree.feature[~np.isfinite(tree.threshold)]
        if at_infinity.size:
            raise NotCompilable(
                f"The forest was trained with missing values ({_column(forest, at_infinity[0])} has a split for them);"
                " fill them in or drop those rows, then train."
            )


def _column(forest: Any, feature: int) -> str:
    names = getattr(forest, "feature_names_in_", None)
    return f"column {feature}" if names is None else f'column "{names[feature]}"'
