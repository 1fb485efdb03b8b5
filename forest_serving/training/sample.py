"""The training data as a model's card shows it: names, ranges, an example, and some rows for pictures."""

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import N_DECILES, Feature
from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import Column

_PLOT_SEED = 0
_MOST_PLOTTED = 20_000  # numbers: BentoML reads them as YAML, a thousand in about 50 ms


class Sample(NamedTuple):
    """A model's training data, or some of it.

    Attributes:
        rows: shape (n_rows, n_features), in the model's order, at least one.
        columns: what the features are called.
        source: where the rows came from.
        label_column: what the labels are called; empty for no name.
        positions: of each row's class among the model's; None if unknown.
    """

    rows: NDArray[np.float64]
    columns: tuple[Column, ...]
    source: str
    label_column: str = ""
    positions: NDArray[np.intp] | None = None

    @property
    def sha256(self) -> str:
        """The hash of all rows, in their order."""
        return hashlib.sha256(self.rows.tobytes()).hexdigest()

    def features(self) -> tuple[Feature, ...]:
        """Return the columns with their deciles."""
        deciles = np.quantile(self.rows, np.linspace(0, 1, N_DECILES), axis=0).T.tolist()
        return tuple(
            Feature(name=column.name, spellings=column.spellings, unit=column.unit, deciles=tuple(of_column))
            for column, of_column in zip(self.columns, deciles, strict=True)
        )

    def example(self) -> tuple[float, ...]:
        """Return the first row."""
        return tuple(self.rows[0].tolist())

    def plotted(self, n_rows: int) -> tuple[tuple[float, ...], ...]:
        """Return some rows, the same ones each time, each with the position of its class at its end.

        Raises:
            BadTrainingData: if the classes are unknown, or the rows too many to be read at every start.
        """
        if n_rows == 0:
            return ()
        most = _MOST_PLOTTED // (self.rows.shape[1] + 1)
        if not 0 < min(n_rows, len(self.rows)) <= most:
            raise BadTrainingData(
                f"plot_rows is {n_rows}; with so many columns, keep from 0 to {most} rows for pictures."
            )
        if self.positions is None:
            raise BadTrainingData("plot_rows needs the rows' labels: give y, or in a command --label.")
        chosen = np.sort(np.random.default_rng(_PLOT_SEED).permutation(len(self.rows))[:n_rows])
        return tuple((*self.rows[row].tolist(), float(self.positions[row])) for row in chosen)
