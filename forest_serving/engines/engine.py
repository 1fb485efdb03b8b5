"""What every engine can do. tests/engines runs one suite over all of them."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Arrays = Mapping[str, NDArray[Any]]
Found = Any  # what an engine found for rows, in a form of its own
Finding = Generator[None, None, Found]  # yields about once in a millisecond, so that others have their turn

Axis = tuple[int, Floats]  # the position of a feature that varies, and its values, shape (n_values,), not missing


class Engine(ABC):
    """A compiled model.

    Rows hold n_features doubles, as rows/ says; engines do not check them. Answers equal those of the scikit-learn
    model with n_jobs=1, to the bit.

    Attributes:
        kind: the engine's name in files and metadata.
        walk: what runs: "native", the kernel, or "numpy".
        n_features: how many numbers a row has.
        n_trees: how many trees one row walks: those of the model, or 1 where it is a single lookup.
        turn_rows: how many rows take about a millisecond.
        classes: shape (n_classes,), a classifier's labels, of a kind in labels.KINDS; empty for a regressor.
    """

    kind: ClassVar[str]
    walk: str
    n_features: int
    n_trees: int
    turn_rows: int
    classes: NDArray[Any]

    @abstractmethod
    def find_in_turns(self, rows: Floats) -> Finding:
        """Find what answers rows, shape (n_rows, n_features), C-contiguous; yield in between, and return it."""

    @abstractmethod
    def find_plane_in_turns(self, row: Sequence[float], x: Axis, y: Axis) -> Generator[None, None, NDArray[Any]]:
        """Find what answers a row with all values of two features in place of its own; yield in between.

        Returns:
            shape (n_y_values, n_x_values), the position of the class, or a regressor's value.
        """

    @abstractmethod
    def positions_of(self, found: Found) -> Positions:
        """Return the position of each row's class, shape (n_rows,), for a classifier."""

    @abstractmethod
    def outputs_of(self, found: Found) -> Floats:
        """Return class probabilities, shape (n_rows, n_classes); for a regressor values, shape (n_rows,)."""

    @abstractmethod
    def classify_one(self, row: Sequence[float]) -> int:
        """Return the position of one row's class."""

    @abstractmethod
    def answer_one(self, row: Sequence[float]) -> tuple[int, list[float]]:
        """Return the position of one row's class and its probabilities; for a regressor 0 and its value in a list."""

    @property
    def is_classifier(self) -> bool:
        """Whether it answers with classes rather than with numbers."""
        return len(self.classes) > 0

    def find(self, rows: Floats) -> Found:
        """Find what answers rows, at once."""
        finding = self.find_in_turns(np.ascontiguousarray(rows))
        while True:
            try:
                next(finding)
            except StopIteration as end:
                found: Found = end.value
                return found

    def classify(self, rows: Floats) -> Positions:
        """Return the position of each row's class in classes, shape (n_rows,), for rows of (n_rows, n_features)."""
        return self.positions_of(self.find(rows))

    def predict_proba(self, rows: Floats) -> Floats:
        """Return class probabilities, shape (n_rows, n_classes), for rows of shape (n_rows, n_features)."""
        return self.outputs_of(self.find(rows))

    def predict_proba_one(self, row: Sequence[float]) -> list[float]:
        """Return one row's class probabilities."""
        return self.answer_one(row)[1]

    def predict(self, rows: Floats) -> NDArray[Any]:
        """Return each row's label, or a regressor's value, shape (n_rows,), for rows of shape (n_rows, n_features)."""
        if not self.is_classifier:
            return self.outputs_of(self.find(rows))
        labels: NDArray[Any] = self.classes.take(self.classify(rows), mode="clip")  # "clip" spares NumPy a copy
        return labels

    def predict_one(self, row: Sequence[float]) -> Any:
        """Return one row's label, an int, a float, a bool or a str; for a regressor its value."""
        return self._labels[self.classify_one(row)] if self._labels else self.answer_one(row)[1][0]

    @cached_property
    def _labels(self) -> list[Any]:
        labels: list[Any] = self.classes.tolist()
        return labels

    @abstractmethod
    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that the engine is, as arrays that need no pickle."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Rebuild an engine.

        Raises:
            DamagedModel: if the arrays do not fit together, so that no lookup can leave them or run for ever.
        """
