"""X as people bring it along with a fitted model: a DataFrame, an array or lists, taken apart into columns."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import quoted

Values = NDArray[Any]  # of one column, shape (n_rows,)


class Given(NamedTuple):
    """What X holds.

    Attributes:
        names: of the columns, each another one; None if they have none.
        columns: their values as they came: numbers, or Python's objects.
    """

    names: list[str] | None
    columns: list[Values]


def given_columns(given: Any, what: str = "X") -> Given:
    """Return what a DataFrame, an array (sparse ones too) or lists hold.

    Args:
        given: the rows.
        what: what to call them in errors.

    Raises:
        BadTrainingData: if they are not rows, or name a column twice.
    """
    names = _names(given)
    if names is None:
        return Given(None, list(_matrix(given, what).T))
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise BadTrainingData(f"{what} has twice the column {quoted(doubled)}; rename or drop one of them.")
    columns = [np.asarray(given[key]) for key in given.columns]
    return Given(None if names == [str(n) for n in range(len(names))] else names, columns)


def _names(given: Any) -> list[str] | None:
    columns = getattr(given, "columns", None)
    return None if columns is None or callable(columns) else [str(name) for name in columns]


def _matrix(given: Any, what: str) -> NDArray[Any]:
    if hasattr(given, "toarray"):
        given = given.toarray()
    try:
        matrix = given if isinstance(given, np.ndarray) else np.asarray(given, object)  # else 1 beside "a" becomes "1"
    except ValueError:
        raise BadTrainingData(f"{what} must be rows, each with as many values; some have more than others.") from None
    if matrix.ndim != 2:
        shape = " × ".join(map(str, matrix.shape))
        raise BadTrainingData(f"{what} must be rows of values, one for each column; its shape is {shape}.")
    return matrix
