"""The training data as a model's card shows it: its columns, an example, and some rows for pictures."""

import hashlib
from math import isnan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import UNKNOWN, Feature, Value
from forest_serving.errors import BadTrainingData

_PLOT_SEED = 0
_MOST_PLOTTED = 20_000  # numbers: BentoML reads them as YAML, a thousand in about 50 ms


class Sample(NamedTuple):
    """A model's training data, or some of it.

    Attributes:
        rows: shape (n_rows, n_features), in the model's order, at least one; categories are positions, gaps NaN.
        features: the columns.
        source: where the rows came from.
        label_column: what the answers are called; empty for no name.
        answers: of each row, the position of its class among the model's, or a regressor's target; None if unknown.
    """

    rows: NDArray[np.float64]
    features: tuple[Feature, ...]
    source: str
    label_column: str = ""
    answers: NDArray[Any] | None = None

    @property
    def sha256(self) -> str:
        """The hash of all rows, in their order."""
        return hashlib.sha256(self.rows.tobytes()).hexdigest()

    def example(self) -> tuple[Value, ...]:
        """Return a row as a client sends it: the first one without gaps and unknown categories, if there is one."""
        is_category = np.array([bool(feature.categories) for feature in self.features])
        is_odd = np.isnan(self.rows) | ((self.rows == UNKNOWN) & is_category)
        row = int(is_odd.sum(axis=1).argmin())
        return tuple(_sent(feature, values, row) for feature, values in zip(self.features, self.rows.T, strict=True))

    def plotted(self, n_rows: int) -> tuple[tuple[float | None, ...], ...]:
        """Return some rows, the same ones each time, each with its answer at its end, and None for gaps.

        Raises:
            BadTrainingData: if the answers are unknown, or the rows too many to be read at every start.
        """
        if n_rows == 0:
            return ()
        most = _MOST_PLOTTED // (self.rows.shape[1] + 1)
        if not 0 < min(n_rows, len(self.rows)) <= most:
            raise BadTrainingData(
                f"plot_rows is {n_rows}; with so many columns, keep from 0 to {most} rows for pictures."
            )
        if self.answers is None:
            raise BadTrainingData("plot_rows needs the rows' labels: give y, or in a command --label.")
        chosen = np.sort(np.random.default_rng(_PLOT_SEED).permutation(len(self.rows))[:n_rows])
        answered = np.column_stack([self.rows, self.answers])[chosen].tolist()
        return tuple(tuple(None if isnan(value) else value for value in row) for row in answered)


def _sent(feature: Feature, values: NDArray[np.float64], row: int) -> Value:
    value = float(values[row])
    if np.isnan(value):
        return None
    if feature.categories:
        return feature.categories[max(int(value), 0)]  # an unknown one has no name here; the first one stands for it
    present = values[~np.isnan(values)]
    is_whole = (present == np.rint(present)).all() and np.abs(present).max() < 2**53
    return int(value) if is_whole else value
