"""Steps that do something to each number of a column: scalers, bins, and functions that never turn round in between."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.feature_selection import SelectorMixin
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)

from forest_serving.card import HIGHEST, LARGEST
from forest_serving.engines.fold.columns import NO_CUTS, Effect, Step, one_to_one
from forest_serving.engines.fold.doubles import Floats, before, last_alike
from forest_serving.engines.fold.slices import alone, at, quietly, takes_nan

_ZERO = float(before(0.0))
_ONE = float(before(1.0))
_MINUS_ONE = float(before(-1.0))

# NumPy's functions that rise, fall or stay the same between these doubles. Beyond some, they are NaN or infinite. Some
# err in the last bit, and none of these was found to turn round because of it, in 5,000,000 looks at each. tanh was.
_FUNCTIONS: list[tuple[tuple[Callable[..., Any], ...], tuple[float, ...]]] = [
    ((np.positive, np.negative, np.sign, np.floor, np.ceil, np.trunc, np.rint, np.fix, np.isnan), ()),
    ((np.exp, np.exp2, np.expm1, np.sinh, np.arcsinh, np.arctan, np.cbrt), ()),
    ((np.degrees, np.rad2deg, np.radians, np.deg2rad), ()),
    ((np.sqrt, np.log, np.log2, np.log10), (_ZERO,)),
    ((np.abs, np.fabs, abs, np.square, np.cosh), (0.0,)),
    ((np.log1p,), (_MINUS_ONE,)),
    ((np.arccosh,), (_ONE,)),
    ((np.arcsin, np.arccos, np.arctanh), (_MINUS_ONE, 1.0)),
]
_WITH_NUMBERS = (np.clip, np.round, np.around)  # and with arguments that are single numbers


def scaled(scaler: Any, n: int) -> Effect:
    """Return what a scaler does to each of n columns."""
    own = ("mean_", "var_", "scale_", "min_", "data_min_", "data_max_", "data_range_", "max_abs_", "center_")
    allowed = takes_nan(scaler)
    return one_to_one([Step(quietly(alone(scaler, **at(scaler, i, *own)).transform), allowed) for i in range(n)])


def binned(bins: KBinsDiscretizer, n: int) -> Effect:
    """Return what a KBinsDiscretizer does: the number of a value's bin, or a column for each bin."""
    ordinals = [alone(bins, encode="ordinal", **at(bins, i, "bin_edges_", "n_bins_")) for i in range(n)]
    if bins.encode == "ordinal":
        return one_to_one([_bins(bins, quietly(ordinal.transform)) for ordinal in ordinals])
    counts = [int(ordinal.n_bins_[0]) for ordinal in ordinals]
    steps = [_one_hot_bins(bins, ordinal, count) for ordinal, count in zip(ordinals, counts, strict=True)]
    return Effect(steps, [(i, place) for i in range(n) for place in range(counts[i])])


def _bins(bins: KBinsDiscretizer, apply: Callable[[Any], Any], cuts: Floats = NO_CUTS) -> Step:
    is_single = bins.dtype is not None and np.dtype(bins.dtype) == np.float32
    return Step(apply, takes_nan(bins), HIGHEST if is_single else LARGEST, cuts=cuts)


def _one_hot_bins(bins: KBinsDiscretizer, ordinal: Any, count: int) -> Step:
    transform = quietly(ordinal.transform)
    limit = _bins(bins, transform).limit
    numbers = np.arange(count - 1)
    ends = last_alike(
        lambda doubles: transform(doubles[:, np.newaxis])[:, 0] <= numbers,
        np.full(count - 1, -limit),
        np.full(count - 1, limit),
    )

    def one_hot(values: Any) -> Any:
        number = transform(values)
        return (number == np.arange(count)).astype(number.dtype)

    return _bins(bins, one_hot, np.unique(ends))


def selected(selector: Any, n: int) -> Effect:
    """Return what a step does that only keeps some of n columns; one that answers for NaN looks for nothing else."""
    looks_for_nothing = takes_nan(selector)
    step = Step(
        lambda values: values, looks_for_nothing, limit=np.inf if looks_for_nothing else LARGEST, keeps_values=True
    )
    return Effect([step] * n, [(int(i), 0) for i in selector.get_support(indices=True)])


def calculated(transformer: FunctionTransformer, n: int) -> Effect | None:
    """Return what a FunctionTransformer does to each of n columns, or None if that is not known of its function."""
    function, arguments = transformer.func, transformer.kw_args or {}
    if function is None:
        cuts: tuple[float, ...] | None = ()
    elif any(function is known for known in _WITH_NUMBERS):
        cuts = () if all(value is None or np.isscalar(value) for value in arguments.values()) else None
    else:
        cuts = None if arguments or not callable(function) else _known(function)
    if cuts is None:
        return None
    checks = bool(transformer.validate)
    step = Step(
        quietly(alone(transformer).transform),
        takes_missing=not checks,
        limit=LARGEST if checks else np.inf,
        cuts=np.array(cuts, np.float64),
        keeps_values=function is None,
    )
    return one_to_one([step] * n, is_by_column=not checks)


def _known(function: Callable[..., Any]) -> tuple[float, ...] | None:
    return next((cuts for functions, cuts in _FUNCTIONS if any(function is known for known in functions)), None)


def _binarized(binarizer: Binarizer, n: int) -> Effect:
    return one_to_one([Step(quietly(alone(binarizer).transform), takes_nan(binarizer))] * n)


EFFECTS: dict[type, Callable[[Any, int], Effect | None]] = {
    **dict.fromkeys((StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler), scaled),
    KBinsDiscretizer: binned,
    Binarizer: _binarized,
    FunctionTransformer: calculated,
    SelectorMixin: selected,
}
