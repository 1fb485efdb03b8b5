"""Steps that fill gaps or tell of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.impute import MissingIndicator, SimpleImputer

from forest_serving.engines.fold.columns import Effect, Step, Values, Vocabulary
from forest_serving.engines.fold.doubles import Floats, Mask, before
from forest_serving.engines.fold.labels import is_gap
from forest_serving.engines.fold.slices import alone, at, quietly


def filled(imputer: SimpleImputer, n: int) -> Effect:
    """Return what a SimpleImputer does to n columns: fills them, drops what was empty, and tells where gaps were."""
    told = {int(i) for i in imputer.indicator_.features_} if imputer.add_indicator else set()
    kept = [i for i in range(n) if imputer.keep_empty_features or not _is_nan(imputer.statistics_[i])]
    steps = [_filling(imputer, i, i in told) for i in range(n)]
    return Effect(steps, [(i, 0) for i in kept] + [(i, int(i in kept)) for i in sorted(told)])


def _filling(imputer: SimpleImputer, i: int, is_told: bool) -> Step:
    indicator = alone(imputer.indicator_, features_=np.array([0]), _n_features=1) if is_told else None
    one = alone(imputer, add_indicator=is_told, indicator_=indicator, **at(imputer, i, "statistics_"))
    return _by_mark(imputer, quietly(one.transform), keeps_values=True)


def told(indicator: MissingIndicator, n: int) -> Effect:
    """Return what a MissingIndicator does to n columns."""
    known = {int(i) for i in indicator.features_}
    one = alone(indicator, features_=np.array([0]), _n_features=1, features="all")
    may_be_new = indicator.features == "all" or not indicator.error_on_new
    step, unmarked = _by_mark(indicator, quietly(one.transform)), _unmarked(indicator)
    steps = [step if i in known or may_be_new else step._replace(knows=unmarked) for i in range(n)]
    return Effect(steps, [(i, 0) for i in sorted(known)])


def _by_mark(step: Any, apply: Callable[[Any], Any], keeps_values: bool = False) -> Step:
    """Return a step that looks for gaps, or for what stands for one."""
    mark = step.missing_values
    if is_gap(mark):
        missing = (None,) if mark is None else (np.nan,)
        return Step(
            apply, takes_missing=mark is not None, keeps_values=keeps_values, vocabulary=Vocabulary(missing=missing)
        )
    label = mark.item() if isinstance(mark, np.generic) else mark
    vocabulary = Vocabulary((label,), in_objects=isinstance(mark, str))
    return Step(apply, False, cuts=_beside(mark), keeps_values=keeps_values, vocabulary=vocabulary)


def _beside(mark: Any) -> Floats:
    return np.empty(0) if isinstance(mark, str) else np.array([before(mark), mark], np.float64)


def _unmarked(indicator: MissingIndicator) -> Callable[[Values], Mask]:
    mark = indicator.missing_values

    def unmarked(values: Values) -> Mask:
        return np.array([not is_gap(value) if is_gap(mark) else value != mark for value in values], bool)

    return unmarked


def _is_nan(statistic: Any) -> bool:
    return isinstance(statistic, float) and np.isnan(statistic)


EFFECTS: dict[type, Callable[[Any, int], Effect]] = {SimpleImputer: filled, MissingIndicator: told}
