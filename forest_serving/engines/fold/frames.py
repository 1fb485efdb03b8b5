"""From rows of doubles back to what a model was trained with: a table with its names, or an array."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from forest_serving.engines.fold.columns import Values
from forest_serving.engines.fold.doubles import Floats
from forest_serving.engines.fold.sources import Source


@dataclass(frozen=True)
class Frame:
    """What rows are for a whole model.

    Attributes:
        names: of the columns of X; None: an array.
        sources: all columns of X, in their order.
        used: the position in X of each column of the rows; all others are filled with what is harmless.
    """

    names: tuple[str, ...] | None
    sources: Sequence[Source]
    used: tuple[int, ...]

    def __call__(self, rows: Floats) -> Any:
        """Return what to give to the model's predict, for rows of shape (n_rows, len(used))."""
        place = {position: i for i, position in enumerate(self.used)}
        columns = [
            _held(source, rows[:, place[source.position]] if source.position in place else None, len(rows))
            for source in self.sources
        ]
        if self.names is None:
            kind = object if any(source.in_objects for source in self.sources) else np.float64
            return np.stack([column.astype(kind) for column in columns], axis=1)
        table = pd.DataFrame({i: pd.Series(column, dtype=column.dtype) for i, column in enumerate(columns)})
        table.columns = pd.Index(self.names)
        return table


def codes_of(rows: Floats, n_labels: int) -> Values:
    """Return the place of each code among a source's tokens: the codes round up, and NaN is the last."""
    places = np.clip(np.ceil(rows), -1, n_labels - 1) + 1
    return np.where(np.isnan(places), n_labels + 1, places).astype(np.intp)


def _held(source: Source, column: Floats | None, n_rows: int) -> Values:
    if column is None:
        return source.holding([source.usual] * n_rows)
    if source.labels is not None:
        return source.tokens[codes_of(column, len(source.labels))]
    held = column.astype(object) if source.in_objects else column.astype(np.float64)
    held[np.isnan(column)] = source.missing
    return held
