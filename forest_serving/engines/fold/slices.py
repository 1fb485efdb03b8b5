"""A fitted step of scikit-learn, cut down to one of its columns, and asked without a word."""

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import config_context
from sklearn.utils import get_tags


def alone(step: Any, **attributes: Any) -> Any:
    """Return a copy of a fitted step that transforms one column, with these attributes in place of its own."""
    copied = copy.copy(step)
    for name in ("feature_names_in_", "_sklearn_output_config"):
        vars(copied).pop(name, None)
    vars(copied).update(n_features_in_=1, **attributes)
    if "copy" in vars(copied):
        copied.copy = True  # what it is given is used again
    return copied


def at(step: Any, i: int, *names: str) -> dict[str, Any]:
    """Return those of a step's attributes that it has for each column, for one of them."""
    found = {name: vars(step)[name] for name in names if vars(step).get(name) is not None}
    return {name: values[i : i + 1] for name, values in found.items()}


def quietly(transform: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the same function without warnings, and with arrays as its output."""

    def asked(values: Any) -> Any:
        with config_context(transform_output="default"):
            return in_silence(transform, values)

    return asked


def in_silence(function: Callable[[Any], Any], values: Any) -> Any:
    """Call a function that may warn of unknown categories, of overflow, or of what its arguments are called."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return function(values)


def takes_nan(step: Any) -> bool:
    """Return whether a step says of itself that it answers for NaN."""
    return bool(get_tags(step).input_tags.allow_nan)
