"""Checks that arrays read from a file fit together, so that no lookup can leave them or run for ever."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines import labels
from forest_serving.engines.engine import Arrays
from forest_serving.errors import DamagedModel


def take(arrays: Arrays, name: str, types: str, ndim: int) -> NDArray[Any]:
    """Return an array of the given kind.

    Args:
        arrays: the arrays of a file.
        name: which one.
        types: one NumPy type such as "f8", or letters of NumPy's kinds such as "iuU".
        ndim: how many dimensions it must have.

    Raises:
        DamagedModel: if it is missing or of another kind.
    """
    check(name in arrays, name)
    array = arrays[name]
    fits = array.dtype == np.dtype(types) if types[-1].isdigit() else array.dtype.kind in types
    check(fits and array.dtype.isnative and array.ndim == ndim, name)
    return np.require(array, requirements="C")


def take_text(arrays: Arrays, name: str) -> str:
    """Return a text, whose array has no dimension; raises as take does."""
    return str(take(arrays, name, "U", 0))


def take_classes(arrays: Arrays) -> NDArray[Any]:
    """Return the labels, shape (n_classes,); none if the model is a regressor.

    Raises:
        DamagedModel: if they are missing, or of a kind that no labels are compiled to.
        ValueError: if they are text with a character that Unicode does not have.
    """
    classes = take(arrays, "classes", labels.KINDS, 1)
    if classes.dtype.kind == "f":
        check(classes.dtype == np.float64 and np.isfinite(classes).all(), "classes")
    classes.tolist()  # raises the ValueError now rather than at the first request
    return classes


def check(holds: Any, name: str) -> None:
    """Raise DamagedModel, naming the array, unless the condition holds."""
    if not holds:
        raise DamagedModel(f'The array "{name}" is missing or does not fit the others. Train and save the model again.')
