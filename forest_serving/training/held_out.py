"""Rows that a model has not learned from, to judge it by."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import Feature
from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import Column
from forest_serving.training.raw_values import Floats, Place

LEAST_ROWS = 10  # fewer say next to nothing


class HeldOut(NamedTuple):
    """Rows, shape (n_rows, n_features), and the truth: the positions of their classes, or a regressor's targets."""

    rows: Floats
    truth: NDArray[Any]


def held_out_of(rows: Floats, truth: NDArray[Any], features: Sequence[Feature], place: Place) -> HeldOut:
    """Return rows to judge a model by.

    Args:
        rows: shape (n_rows, n_features).
        truth: shape (n_rows,).
        features: as the card has them.
        place: says where a value stands, for the error.

    Raises:
        BadTrainingData: if a value is missing where none may be, or the rows are too few.
    """
    if len(rows) < LEAST_ROWS:
        raise BadTrainingData(f"The test has {len(rows)} rows, too few to judge by; give at least {LEAST_ROWS}.")
    for feature, values in zip(features, rows.T, strict=True):
        is_refused = np.isnan(values) & (not feature.takes_missing)
        if is_refused.any():
            where = f"{place(int(is_refused.argmax()), feature.column[:60])} is missing, as no value in X is"
            raise BadTrainingData(f"{where}; drop that row, or name the column with missing, to answer gaps there.")
    return HeldOut(rows, truth)


def check_columns(columns: Sequence[Column], features: Sequence[Feature], what: str) -> None:
    """Raise BadTrainingData unless columns are called as the features are: a model may know no names, and X some."""
    for column, feature in zip(columns, features, strict=True):
        if column.text != feature.column:
            others = f'has the column "{column.text[:60]}" where X has "{feature.column[:60]}"'
            raise BadTrainingData(f"{what} {others}; give the same columns in the same order.")


def check_bounds(held_out: HeldOut, features: Sequence[Feature]) -> None:
    """Raise BadTrainingData if a number of the rows is none that the features say is answered."""
    for feature, values in zip(features, held_out.rows.T, strict=True):
        is_beyond = (values < feature.lowest) | (values > feature.highest)
        if is_beyond.any() and not feature.categories:
            value = values[is_beyond][0]
            raise BadTrainingData(
                f'The test has {value:g} in column "{feature.column[:60]}", which no server answers; drop that row.'
            )
