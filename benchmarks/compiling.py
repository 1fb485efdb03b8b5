"""Models compiled as saving compiles them, without a store."""

from typing import Any

import numpy as np
import pandas as pd

from forest_serving.card import N_DECILES, Feature
from forest_serving.engines.engine import Floats
from forest_serving.engines.fold import Inputs, RawColumn, fold, raw_columns


def inputs_of(model: Any, X: Any) -> Inputs:  # noqa: N803 - scikit-learn's name
    """Return a fitted model taken apart; X, a table or an array, tells which columns have gaps, and their numbers."""
    table = pd.DataFrame(X)
    return fold(model, tuple(_feature(column, table.iloc[:, column.position]) for column in raw_columns(model)))


def raw_rows(model: Any, inputs: Inputs, X: Any) -> Floats:  # noqa: N803
    """Return X as engines take it, shape (n_rows, n_features): categories by their positions, gaps as NaN."""
    table, columns = pd.DataFrame(X), []
    for column, feature in zip(raw_columns(model), inputs.features, strict=True):
        values = table.iloc[:, column.position]
        if feature.categories:
            places = {label: float(place) for place, label in enumerate(feature.categories)}
            values = values.map(places)
        columns.append(values.to_numpy(np.float64))
    return np.ascontiguousarray(np.stack(columns, axis=1))


def _feature(column: RawColumn, values: Any) -> Feature:
    name, gaps = column.name or f"x{column.position}", bool(values.isna().any())
    if column.categories is not None:
        return Feature(name=name, takes_missing=gaps, categories=column.categories, takes_unknown=column.takes_unknown)
    deciles = np.nanquantile(values.to_numpy(np.float64), np.linspace(0, 1, N_DECILES)).tolist()
    return Feature(name=name, deciles=tuple(deciles), takes_missing=gaps)
