"""A model as one table: its boundaries cut the input space into cells, and within a cell its answer never changes."""

from bisect import bisect_left
from collections.abc import Generator, Sequence
from math import prod
from operator import mul
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.arrays import check, take, take_classes
from forest_serving.engines.cell_search import search_of
from forest_serving.engines.engine import Arrays, Axis, Engine, Finding, Floats, Found, Positions
from forest_serving.kernel.library import kernel


class DecisionTable(Engine):
    """Look up the cell that a row falls into.

    Args:
        boundaries: for each feature, the ascending last doubles of its intervals but the last one.
        gaps: for each feature, whether an interval of missing values stands before the others.
        answers: shape (n_cells,), each cell's row in outputs; the last feature varies fastest.
        outputs: shape (n_answers, n_outputs), the distinct answers: probabilities, or a regressor's value.
        positions: shape (n_answers,), the position of each answer's class; 0 for a regressor.
        classes: shape (n_classes,), the model's labels; empty for a regressor.
    """

    kind: ClassVar[str] = "decision_table"
    n_trees = 1  # a lookup takes as long as one tree, however many the model had
    turn_rows = 10_000

    def __init__(  # noqa: PLR0913, PLR0917 - one argument for each array of the file
        self,
        boundaries: list[Floats],
        gaps: Sequence[bool],
        answers: NDArray[Any],
        outputs: Floats,
        positions: NDArray[np.uint32],
        classes: NDArray[Any],
    ) -> None:
        self.n_features = len(boundaries)
        self.boundaries, self.gaps = boundaries, list(map(bool, gaps))
        self.answers, self.outputs, self.positions, self.classes = answers, outputs, positions, classes
        strides = [prod(self.shape[axis + 1 :]) for axis in range(self.n_features)]
        self._search = search_of(kernel(), boundaries, self.gaps, strides)
        self.walk: str = self._search.name
        self._position_in = positions.astype(np.min_scalar_type(len(classes)))[answers]  # small, to stay in the cache
        # One row is looked up in plain Python: a call of NumPy costs more than the whole lookup. One attribute holds
        # all that it needs, because each attribute costs as much as a search. A missing value is not greater than any
        # boundary, so that bisect goes to the left: to interval 0, where -inf stands before the others.
        below = [
            [-np.inf, *feature.tolist()] if gap else feature.tolist()
            for feature, gap in zip(boundaries, self.gaps, strict=True)
        ]
        self._lookup = (below, strides, answers.data, positions.tolist())

    @property
    def shape(self) -> tuple[int, ...]:
        """How many intervals each feature has."""
        return tuple(len(feature) + 1 + gap for feature, gap in zip(self.boundaries, self.gaps, strict=True))

    def find_in_turns(self, rows: Floats) -> Finding:
        """Find each row's cell."""
        cells = np.empty(len(rows), np.int64)
        for start in range(0, len(rows), self.turn_rows):
            if start:
                yield
            turn = slice(start, start + self.turn_rows)
            self._search.find(rows[turn], cells[turn])
        return cells

    def find_plane_in_turns(self, row: Sequence[float], x: Axis, y: Axis) -> Generator[None, None, NDArray[Any]]:
        """Find what answers the points of a plane."""
        below, strides, *_ = self._lookup
        steps: list[Any] = list(map(bisect_left, below, row))
        steps[x[0]] = np.searchsorted(below[x[0]], x[1])
        steps[y[0]] = np.searchsorted(below[y[0]], y[1])[:, np.newaxis]
        cells: Any = sum(map(mul, steps, strides))
        yield
        return self.positions_of(cells) if self.is_classifier else self.outputs_of(cells.ravel()).reshape(cells.shape)

    def positions_of(self, found: Found) -> Positions:
        """Return the position of each row's class."""
        positions: Any = self._position_in.take(found, mode="clip")  # spares NumPy a copy; nothing is out of range
        return positions  # type: ignore[no-any-return]

    def numbers_of(self, found: Found) -> NDArray[Any]:
        """Return the number of each row's answer, its row in outputs."""
        numbers: NDArray[Any] = self.answers.take(found, mode="clip")
        return numbers

    def outputs_of(self, found: Found) -> Floats:
        """Return probabilities or values."""
        outputs: Any = self.outputs.take(self.numbers_of(found), axis=0, mode="clip")
        return outputs if self.is_classifier else outputs[:, 0]  # type: ignore[no-any-return]

    def classify_one(self, row: Sequence[float]) -> int:
        """Return the position of one row's class."""
        below, strides, answers, positions = self._lookup
        position: int = positions[answers[sum(map(mul, map(bisect_left, below, row), strides))]]
        return position

    def answer_one(self, row: Sequence[float]) -> tuple[int, list[float]]:
        """Return one row's class and probabilities, or 0 and its value."""
        number = self.find_one(row)
        return self._lookup[3][number], self.outputs[number].tolist()

    def find_one(self, row: Sequence[float]) -> int:
        """Return the number of one row's answer, its row in outputs."""
        below, strides, answers, _ = self._lookup
        number: int = answers[sum(map(mul, map(bisect_left, below, row), strides))]
        return number

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the table as arrays."""
        return {
            "boundaries": np.concatenate([np.empty(0), *self.boundaries]),
            "boundary_counts": np.array([len(feature) for feature in self.boundaries], np.int64),
            "gaps": np.array(self.gaps, np.bool_),
            **{name: getattr(self, name) for name in ("answers", "outputs", "positions", "classes")},
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Rebuild a table; see Engine.from_arrays."""
        flat, counts = take(arrays, "boundaries", "f8", 1), take(arrays, "boundary_counts", "i8", 1)
        answers, outputs = take(arrays, "answers", "u", 1), take(arrays, "outputs", "f8", 2)
        positions, classes = take(arrays, "positions", "u4", 1), take_classes(arrays)
        gaps = take(arrays, "gaps", "b1", 1)
        check(len(counts) > 0 and counts.min() >= 0 and counts.sum() == len(flat), "boundary_counts")
        check(len(gaps) == len(counts), "gaps")
        boundaries = np.split(flat, np.cumsum(counts)[:-1])
        is_ascending = all((feature[1:] > feature[:-1]).all() for feature in boundaries)
        check(is_ascending and np.isfinite(flat).all(), "boundaries")
        check(prod(int(n) + 1 + bool(gap) for n, gap in zip(counts, gaps, strict=True)) == len(answers), "answers")
        check(len(answers) > 0 and int(answers.max()) < len(outputs), "answers")
        check(outputs.shape[1] == (len(classes) or 1) and np.isfinite(outputs).all(), "outputs")
        check(len(positions) == len(outputs) and positions.max() < (len(classes) or 1), "positions")
        return cls(boundaries, gaps.tolist(), answers, outputs, positions, classes)
