"""Values as people have them → the doubles of rows: numbers as they are, categories as positions, gaps as NaN."""

from collections.abc import Callable, Sequence
from math import isnan, nan
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forest_serving.card import UNKNOWN, Label
from forest_serving.engines.fold import RawColumn
from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import Column, quoted

Floats = NDArray[np.float64]
Place = Callable[[int, str], str]  # the number of a row and the name of a column → where that value stands

GAPS_FIX = "put a SimpleImputer in front of the trees, fit that Pipeline and save it"

_TRUTHS = {"true": 1.0, "false": 0.0}


def doubles_of(values: NDArray[Any], raw: RawColumn, where: str) -> Floats:
    """Return a column's doubles, shape (n_rows,).

    Args:
        values: as they came, shape (n_rows,).
        raw: what the model knows of the column.
        where: what to call it in errors.

    Raises:
        BadTrainingData: if it should be numbers and is not.
    """
    is_gap = pd.isna(values)
    if raw.categories is not None:
        codes = _codes(raw.categories)
        found = (codes.get(_plain(value), UNKNOWN) for value in values.tolist())
        return np.where(is_gap, nan, np.fromiter(found, np.float64, len(values)))
    try:
        return np.where(is_gap, nan, values).astype(np.float64)
    except (TypeError, ValueError) as error:
        reason = str(error).splitlines()[0][:120]
        raise BadTrainingData(
            f"{where} holds more than numbers ({reason}), and the model takes it for numbers; fit it to numbers, or put"
            " an encoder in front of its trees."
        ) from None


def reader_of(raw: RawColumn) -> Callable[[str], float]:
    """Return what makes a double of a CSV field; it raises ValueError where that is no number and should be."""
    if raw.categories is None:
        return _number
    codes = _codes(raw.categories)
    if all(isinstance(label, int | float) for label in raw.categories):
        return lambda text: codes.get(_number_or_truth(text), UNKNOWN) if text.strip() else nan
    spelled = {str(label).strip(): code for label, code in codes.items()}
    return lambda text: spelled.get(text.strip(), UNKNOWN) if text.strip() else nan


def check_values(rows: Floats, raws: Sequence[RawColumn], columns: Sequence[Column], place: Place) -> None:
    """Raise BadTrainingData unless the model answers for the values of all rows, shape (n_rows, n_columns)."""
    for raw, column, values in zip(raws, columns, rows.T, strict=True):
        if raw.categories == ():
            raise BadTrainingData(
                f'The column "{column.text[:60]}" held no category when the model was fitted; drop it, and fit again.'
            )
        for is_fault, words in _faults(raw, values):
            if is_fault.any():
                raise BadTrainingData(f"{place(int(is_fault.argmax()), column.text[:60])} {words}.")


def _faults(raw: RawColumn, values: Floats) -> list[tuple[NDArray[np.bool_], str]]:
    known = quoted([str(label) for label in raw.categories or ()])
    return [
        (np.isinf(values), "is infinite, and no model is asked for that; drop that row"),
        (
            np.isnan(values) & (not raw.takes_missing),
            f"is missing, and the model refuses gaps there; fill it in, or {GAPS_FIX}",
        ),
        (
            (values == UNKNOWN) & (raw.categories is not None and not raw.takes_unknown),
            f"is none of the categories that the model knows ({known}), and it refuses others; give the X that it was"
            ' fitted to, or fit it with handle_unknown="ignore"',
        ),
    ]


def _number(text: str) -> float:
    value = float(text.replace("_", "?")) if text.strip() else nan  # Python reads 1_000 as a number, others do not
    if text.strip() and isnan(value):
        raise ValueError("an empty field is a gap, not this")
    return value


def _number_or_truth(text: str) -> float | None:
    try:
        return _TRUTHS[text.strip().lower()] if text.strip().lower() in _TRUTHS else float(text)
    except ValueError:
        return None


def _codes(categories: Sequence[Label]) -> dict[Label | None, float]:
    """Return each category's position. True is equal to 1 here, as it is to scikit-learn's encoders."""
    return {label: float(code) for code, label in enumerate(categories)}


def _plain(value: Any) -> Label | None:
    plain = value.item() if isinstance(value, np.generic) else value
    return plain if isinstance(plain, bool | int | float | str) else None
