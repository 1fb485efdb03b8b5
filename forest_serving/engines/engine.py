"""What every engine can do. tests/engines runs one suite over all of them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Arrays = Mapping[str, NDArray[Any]]


class Engine(ABC):
    """A compiled forest.

    Rows hold n_features finite doubles, each with an absolute value below schema.DOMAIN_LIMIT; engines do not check
    (parsing.py does). Answers equal those of the forest with n_jobs=1, to the bit.

    Attributes:
        kind: the engine's name in files and metadata.
        n_features: how many numbers a row has.
        classes: shape (n_classes,), the forest's own labels.
    """

    kind: ClassVar[str]
    n_features: int
    classes: NDArray[Any]

    @abstractmethod
    def predict_proba(self, rows: Floats) -> Floats:
        """Return class probabilities, shape (n_rows, n_classes), for rows of shape (n_rows, n_features)."""

    @abstractmethod
    def predict(self, rows: Floats) -> NDArray[Any]:
        """Return each row's label, shape (n_rows,), for rows of shape (n_rows, n_features)."""

    @abstractmethod
    def predict_proba_one(self, row: Sequence[float]) -> list[float]:
        """Return one row's class probabilities."""

    @abstractmethod
    def predict_one(self, row: Sequence[float]) -> Any:
        """Return one row's label."""

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
