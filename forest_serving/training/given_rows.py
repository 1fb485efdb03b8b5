"""Rows that somebody brings along with a fitted model: read, put into the model's order, and checked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.boundaries import LARGEST
from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import Column, columns_of, did_you_mean, quoted, unnamed_columns

Floats = NDArray[np.float64]


def rows_and_names(given: Any) -> tuple[Floats, list[str] | None]:
    """Return a DataFrame, an array or lists as doubles, shape (n_rows, n_columns), and the columns' names, if any.

    Raises:
        BadTrainingData: if they are not rows of numbers.
    """
    names = _names(given)
    if names is None:
        return _doubles(given.toarray() if hasattr(given, "toarray") else given, "X"), None
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise BadTrainingData(f"X has twice the column {quoted(doubled)}; rename or drop one of them.")
    columns = [_doubles(given[key], f'X, column "{key}"') for key in given.columns]
    return np.stack(columns, axis=1), None if names == [str(n) for n in range(len(names))] else names


def in_the_models_order(
    rows: Floats, names: Sequence[str] | None, model: Any, what: str = "X", fix: str = "drop it"
) -> tuple[Floats, tuple[Column, ...]]:
    """Return the rows with their columns in the order of the model's, and what to call these.

    Args:
        rows: shape (n_rows, n_columns).
        names: of the columns; None if they have none, and stand in the model's order.
        model: fitted, with or without names of its own.
        what: what to call the rows in errors.
        fix: what to do about a column that the model does not have.

    Raises:
        BadTrainingData: if the columns are not the model's.
    """
    n_features = model.n_features_in_
    own = [str(name) for name in getattr(model, "feature_names_in_", ())]
    if names is not None and own:
        _check_names(names, own, what, fix)
        positions = {name: position for position, name in enumerate(names)}
        rows = rows[:, [positions[name] for name in own]]
    if rows.ndim != 2 or rows.shape[1] != n_features:
        shape = " × ".join(map(str, rows.shape))
        raise BadTrainingData(f"{what} must be rows of {n_features} numbers, as the model's; its shape is {shape}.")
    chosen = own or names
    return np.ascontiguousarray(rows), columns_of(chosen) if chosen else unnamed_columns(n_features)


def check_rows(rows: Floats, columns: Sequence[Column]) -> None:
    """Raise BadTrainingData unless there are rows, of numbers that the engines answer for."""
    if len(rows) == 0:
        raise BadTrainingData("X has no row; give the rows that the model was fitted to, or some of them.")
    if not (wrong := ~(np.abs(rows) <= LARGEST)).any():
        return
    row, column = (int(where[0]) for where in np.nonzero(wrong))
    where = f'X, row {row}, column "{columns[column].names[-1][:60]}"'
    if np.isnan(rows[row, column]):
        raise BadTrainingData(
            f"{where} is missing, and models trained with missing values are not served yet: fill them in or drop those"
            " rows, fit again, and save that model."
        )
    raise BadTrainingData(f"{where} is {rows[row, column]}, which float32 cannot hold; drop that row.")


def _names(given: Any) -> list[str] | None:
    columns = getattr(given, "columns", None)
    return None if columns is None or callable(columns) else [str(name) for name in columns]


def _doubles(given: Any, place: str) -> Floats:
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        reason = str(error).splitlines()[0][:120]
        raise BadTrainingData(f"{place} holds more than numbers ({reason}); encode or drop what is not one.") from None


def _check_names(names: Sequence[str], own: Sequence[str], what: str, fix: str) -> None:
    if missing := [name for name in own if name not in names]:
        hint = did_you_mean(missing[0], [name for name in names if name not in own])
        raise BadTrainingData(f"{what} lacks the column {quoted(missing)}{hint}, which the model was fitted to.")
    if unknown := [name for name in names if name not in own]:
        raise BadTrainingData(f"{what} has the column {quoted(unknown)}, which the model was not fitted to; {fix}.")
