"""From what was trained to what can be compiled: trees, alone or behind a Pipeline."""

from typing import Any

from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor
from sklearn.utils.validation import check_is_fitted

from forest_serving.engines.labels import plain
from forest_serving.engines.ways_out import derived_way_out, way_out
from forest_serving.errors import NotCompilable

FAMILIES = (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
_ANSWERS = ("predict", "predict_proba", "decision_function", "apply", "_raw_predict", "_validate_X_predict")
_RANDOM = ("stratified", "uniform")  # strategies of a DummyClassifier that answer otherwise each time


def unpacked(model: Any) -> Any:
    """Return the fitted trees that a model is, or the Pipeline that ends in them; the model stays as it is.

    Args:
        model: trees of one of the FAMILIES, a Pipeline that ends in such, or a search such as GridSearchCV that found
            either. A search, or another Pipeline, at the end of a Pipeline is unpacked, too.

    Raises:
        NotCompilable: if there are none, or no engine can reproduce them; the sentence says what to do instead.
    """
    model = _found(model)
    if not isinstance(model, Pipeline):
        _check_trees(model)
        return model
    if type(model) is not Pipeline:
        raise NotCompilable(
            f"A {type(model).__name__} of {type(model).__module__.split('.')[0]} cannot be compiled; make a"
            " sklearn.pipeline.Pipeline of those of its fitted steps that transform, and save that."
        )
    last = unpacked(model.steps[-1][1])
    if last is model.steps[-1][1] and not isinstance(last, Pipeline):
        return model
    return Pipeline([*model.steps[:-1], *(last.steps if isinstance(last, Pipeline) else [(model.steps[-1][0], last)])])


def _found(model: Any) -> Any:
    while hasattr(model, "best_estimator_"):
        model = model.best_estimator_
    if hasattr(model, "estimator") and hasattr(model, "refit") and not hasattr(model, "thresholds"):
        name = type(model).__name__
        if model.refit:
            raise NotCompilable(f"The {name} is not fitted; call fit first.")
        raise NotCompilable(f"The {name} kept no model, because of refit=False; set refit=True and fit it again.")
    return model


def _check_trees(model: Any) -> None:
    family = next((kind for kind in type(model).__mro__ if kind in FAMILIES), None)
    if family is None:
        raise NotCompilable(way_out(model))
    if any(getattr(type(model), name, None) is not getattr(family, name, None) for name in _ANSWERS):
        raise NotCompilable(derived_way_out(model, family))
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise NotCompilable(f"The {type(model).__name__} is not fitted; call fit first.") from None
    if getattr(model, "n_outputs_", 1) != 1:
        raise NotCompilable(f"The model has {model.n_outputs_} outputs; train one model per output.")
    if hasattr(model, "classes_"):
        plain(model.classes_)
    _check_start(model)


def _check_start(model: Any) -> None:
    """Raise if boosting begins with what another model answers: scikit-learn's own begin with a constant."""
    start = getattr(model, "init_", None)
    is_constant = (
        start is None or isinstance(start, str) or type(start).__name__ in ("DummyClassifier", "DummyRegressor")
    )
    if not is_constant or getattr(start, "strategy", None) in _RANDOM:
        raise NotCompilable(
            f"The {type(model).__name__} begins with what a {type(start).__name__} answers, which cannot be compiled;"
            " train it with init=None."
        )
