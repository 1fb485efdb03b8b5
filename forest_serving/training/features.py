"""What a model's card says of the columns of its input, found out from rows."""

from collections.abc import Collection, Sequence

import numpy as np

from forest_serving.card import N_DECILES, UNKNOWN, Feature
from forest_serving.engines.fold import RawColumn
from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import Column, did_you_mean
from forest_serving.training.raw_values import GAPS_FIX, Floats


def features_of(
    raws: Sequence[RawColumn], columns: Sequence[Column], rows: Floats, may_miss: Collection[int] = ()
) -> tuple[Feature, ...]:
    """Return the features of a model.

    Args:
        raws: the columns that it uses.
        columns: what to call them.
        rows: shape (n_rows, n_columns); categories are positions, gaps NaN.
        may_miss: the positions of columns where a value may be missing, even if none is in these rows.

    Raises:
        BadTrainingData: if all numbers of a column are missing.
    """
    return tuple(
        _feature(raw, column, values, i in may_miss or bool(np.isnan(values).any()))
        for i, (raw, column, values) in enumerate(zip(raws, columns, rows.T, strict=True))
    )


def of_numbers(column: Column, values: Floats, takes_missing: bool = False) -> Feature:
    """Return the feature of a column of numbers, shape (n_rows,)."""
    present = values[~np.isnan(values)]
    if not len(present):
        raise BadTrainingData(
            f'All values of the column "{column.text[:60]}" are missing; give rows that have some, or drop the column'
            " and fit again."
        )
    deciles = deciles_of(present)
    return Feature(
        name=column.name,
        spellings=column.spellings,
        unit=column.unit,
        deciles=tuple(deciles.tolist()),
        counts=parts_of(deciles, present),
        n_missing=len(values) - len(present),
        takes_missing=takes_missing,
    )


def deciles_of(numbers: Floats) -> Floats:
    """Return the deciles of numbers, from the minimum to the maximum."""
    return 2 * np.quantile(numbers / 2, np.linspace(0, 1, N_DECILES))  # the distance of halves is no infinity


def parts_of(deciles: Floats, numbers: Floats) -> tuple[int, ...]:
    """Return how many numbers there are in each part between two deciles, whose upper end belongs to it."""
    return tuple(np.bincount(np.searchsorted(deciles[1:-1], numbers), minlength=N_DECILES - 1).tolist())


def gaps_allowed_in(missing: Collection[str], raws: Sequence[RawColumn], columns: Sequence[Column]) -> set[int]:
    """Return the positions of columns that are named as those where a value may be missing.

    Raises:
        BadTrainingData: if there is no such column, or the model refuses gaps in it.
    """
    position = {name: i for i, column in enumerate(columns) for name in column.names}
    found = set()
    for name in [missing] if isinstance(missing, str) else missing:
        if name not in position:
            hint = did_you_mean(name, position)
            raise BadTrainingData(f'missing names a column "{name}" that the model does not use{hint}.')
        if not raws[position[name]].takes_missing:
            raise BadTrainingData(f'missing names the column "{name}", but the model refuses gaps there; {GAPS_FIX}.')
        found.add(position[name])
    return found


def _feature(raw: RawColumn, column: Column, values: Floats, takes_missing: bool) -> Feature:
    if raw.categories is None:
        return of_numbers(column, values, takes_missing)
    n_missing, n_unknown = int(np.isnan(values).sum()), int((values == UNKNOWN).sum())
    positions = values[values >= 0].astype(np.intp)
    return Feature(
        name=column.name,
        spellings=column.spellings,
        categories=raw.categories,
        counts=tuple(np.bincount(positions, minlength=len(raw.categories)).tolist()),
        n_missing=n_missing,
        n_unknown=n_unknown,
        takes_missing=takes_missing,
        takes_unknown=raw.takes_unknown,
    )
