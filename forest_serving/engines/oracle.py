"""scikit-learn as the oracle: what engines are proved against."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline

from forest_serving.engines.engine import Floats, Positions
from forest_serving.engines.fold import Inputs
from forest_serving.engines.fold.ends import preprocessed, silent
from forest_serving.engines.unpacking import unpacked


class Oracle:
    """A model as scikit-learn answers for it, silent and in one thread.

    Args:
        model: what unpacked takes.
        inputs: the same, taken apart.
    """

    def __init__(self, model: Any, inputs: Inputs) -> None:
        model = unpacked(model)
        self._frame = inputs.frame
        self._steps = model[:-1] if isinstance(model, Pipeline) and len(model.steps) > 1 else None
        self._trees = silent(inputs.trees)

    def given(self, rows: Floats) -> Floats:
        """Return what the trees compare, shape (n_rows, n_columns), before any rounding to float32."""
        with _quietly():
            return _dense(preprocessed(self._trees, self._transformed(rows)))

    def answer(self, rows: Floats) -> tuple[Floats, Positions]:
        """Return probabilities and the positions of the classes; for a regressor values, shape (n_rows,), and zeros."""
        with _quietly():
            transformed = self._transformed(rows)
            predicted = self._trees.predict(transformed)
            if not is_classifier(self._trees):
                return predicted.astype(np.float64), np.zeros(len(predicted), np.intp)
            positions = np.searchsorted(self._trees.classes_, predicted)
            return self._trees.predict_proba(transformed), positions

    def _transformed(self, rows: Floats) -> Any:
        frame = self._frame(rows)
        return frame if self._steps is None else self._steps.transform(frame)


@contextmanager
def _quietly() -> Iterator[None]:
    """Say nothing of names that an array has not, of unknown categories, or of what a logarithm makes of -1."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _dense(matrix: Any) -> Floats:
    dense = matrix.toarray() if sparse.issparse(matrix) else matrix
    return np.asarray(dense, np.float64)
