"""A forest as one table: its thresholds cut the input space into cells, and within a cell its answer never changes."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from math import prod
from operator import mul
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.arrays import check, take, take_classes
from forest_serving.engines.boundaries import DOMAIN_LIMIT
from forest_serving.engines.engine import Arrays, Engine, Floats, Positions
from forest_serving.engines.intervals import Intervals


class DecisionTable(Engine):
    """Look up the cell that a row falls into.

    Args:
        boundaries: for each feature, the ascending last doubles of its intervals but the last one.
        answers: shape (n_cells,), each cell's row in probabilities; the last feature varies fastest.
        probabilities: shape (n_answers, n_classes), the distinct answers.
        classes: shape (n_classes,), the forest's labels.
    """

    kind: ClassVar[str] = "decision_table"
    n_trees = 1  # a lookup takes as long as one tree, however many the forest had

    def __init__(
        self, boundaries: list[Floats], answers: NDArray[Any], probabilities: Floats, classes: NDArray[Any]
    ) -> None:
        self.n_features = len(boundaries)
        self.boundaries = boundaries
        self.answers = answers
        self.probabilities = probabilities
        self.classes = classes
        self._positions: Positions = probabilities.argmax(axis=1)
        strides = [prod(self.shape[axis + 1 :]) for axis in range(self.n_features)]
        # One row is looked up in plain Python: a NumPy call costs more than the whole lookup. One attribute holds all
        # that it needs, because each attribute costs as much as a search.
        self._lookup = ([feature.tolist() for feature in boundaries], strides, answers.data, self._positions.tolist())

    @property
    def shape(self) -> tuple[int, ...]:
        """How many intervals each feature has."""
        return tuple(len(feature) + 1 for feature in self.boundaries)

    @cached_property
    def _intervals(self) -> Intervals:
        return Intervals(self.boundaries)  # not before it is needed: the proof looks at damaged boundaries, too

    def classify_one(self, row: Sequence[float]) -> int:
        """Return the position of one row's class."""
        boundaries, strides, answers, positions = self._lookup
        position: int = positions[answers[sum(map(mul, map(bisect_left, boundaries, row), strides))]]
        return position

    def predict_proba_one(self, row: Sequence[float]) -> list[float]:
        """Return one row's class probabilities."""
        boundaries, strides, answers, _ = self._lookup
        cell = sum(map(mul, map(bisect_left, boundaries, row), strides))
        probabilities: list[float] = self.probabilities[answers[cell]].tolist()
        return probabilities

    def classify(self, rows: Floats) -> Positions:
        """Return the position of each row's class."""
        positions: Positions = self._positions.take(self.answers_of(rows), mode="clip")  # as in Intervals
        return positions

    def predict_proba(self, rows: Floats) -> Floats:
        """Return each row's class probabilities."""
        return self.probabilities.take(self.answers_of(rows), axis=0, mode="clip")

    def answers_of(self, rows: Floats) -> NDArray[Any]:
        """Return the number of each row's answer, its row in probabilities."""
        return self.answers.take(self._intervals.cells(rows), mode="clip")

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the table as arrays."""
        return {
            "boundaries": np.concatenate([np.empty(0), *self.boundaries]),
            "boundary_counts": np.array([len(feature) for feature in self.boundaries], np.int64),
            "answers": self.answers,
            "probabilities": self.probabilities,
            "classes": self.classes,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Rebuild a table; see Engine.from_arrays."""
        flat, counts = take(arrays, "boundaries", "f8", 1), take(arrays, "boundary_counts", "i8", 1)
        answers, probabilities = take(arrays, "answers", "u", 1), take(arrays, "probabilities", "f8", 2)
        classes = take_classes(arrays, probabilities.shape[1])
        check(len(counts) > 0 and counts.min() >= 0 and counts.sum() == len(flat), "boundary_counts")
        boundaries = np.split(flat, np.cumsum(counts)[:-1])
        is_ascending = all((feature[1:] > feature[:-1]).all() for feature in boundaries)
        check(is_ascending and np.abs(flat).max(initial=0) < DOMAIN_LIMIT, "boundaries")
        check(prod(int(count) + 1 for count in counts) == len(answers), "answers")
        check(int(answers.max()) < len(probabilities), "answers")
        check(np.isfinite(probabilities).all(), "probabilities")
        return cls(boundaries, answers, probabilities, classes)
