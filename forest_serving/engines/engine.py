"""What every engine can do. tests/engines runs one suite over all of them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Arrays = Mapping[str, NDArray[Any]]


class Engine(ABC):
    """A compiled forest.

    Rows hold n_features finite doubles, each with an absolute value below boundaries.DOMAIN_LIMIT. Engines do not check
    that: the readers of rows do. Answers equal those of the forest with n_jobs=1, to the bit.

    Attributes:
        kind: the engine's name in files and metadata.
        n_features: how many numbers a row has.
        n_trees: what one row costs, in trees walked: those of the forest, or 1 where it is a single lookup.
        classes: shape (n_classes,), the forest's own labels, of a kind in labels.KINDS.
    """

    kind: ClassVar[str]
    n_features: int
    n_trees: int
    classes: NDArray[Any]

    @abstractmethod
    def classify(self, rows: Floats) -> Positions:
        """Return the position of each row's class in classes, shape (n_rows,), for rows of (n_rows, n_features)."""

    @abstractmethod
    def classify_one(self, row: Sequence[float]) -> int:
        """Return the position of one row's class in classes."""

    @abstractmethod
    def predict_proba(self, rows: Floats) -> Floats:
        """Return class probabilities, shape (n_rows, n_classes), for rows of shape (n_rows, n_features)."""

    @abstractmethod
    def predict_proba_one(self, row: Sequence[float]) -> list[float]:
        """Return one row's class probabilities."""

    def predict(self, rows: Floats) -> NDArray[Any]:
        """Return each row's label, shape (n_rows,), for rows of shape (n_rows, n_features)."""
        labels: NDArray[Any] = self.classes.take(self.classify(rows), mode="clip")  # as in Intervals
        return labels

    def predict_one(self, row: Sequence[float]) -> Any:
        """Return one row's label: an int, a float, a bool or a str."""
        return self._labels[self.classify_one(row)]

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
