"""Any ensemble of trees as a few arrays: a row is ranked once, then every tree is walked."""

from collections.abc import Generator, Sequence
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.arrays import check, take, take_classes, take_text
from forest_serving.engines.columns import Column, Columns, take_columns
from forest_serving.engines.engine import Arrays, Axis, Engine, Finding, Floats, Found, Positions
from forest_serving.engines.links import LINKS
from forest_serving.engines.plane import Plane
from forest_serving.engines.trees import Trees, take_trees
from forest_serving.engines.walks import walk_of
from forest_serving.kernel.library import kernel

TURN_WORK = 10_000  # rows × trees of about a millisecond on a large forest
_BLOCK_ROWS = 1_024  # rows that walk one tree after the other: their ranks, and one tree, fit the processor's caches
_RANK_WORK = 40_000  # rows × columns of about a millisecond


class Answered(NamedTuple):
    """The answers to some rows.

    Attributes:
        outputs: shape (n_rows, n_classes), probabilities; for a regressor values, shape (n_rows,).
        positions: shape (n_rows,), the position of each row's class; None for a regressor.
    """

    outputs: Floats
    positions: Positions | None


class Forest(Engine):
    """Rank a row's values, walk every tree from its root to a leaf, and add the leaves' values in the trees' order.

    Args:
        n_features: how many numbers a row has.
        columns: what the trees ask.
        trees: the trees.
        link: from sums to answers, a name in LINKS.
        classes: shape (n_classes,), the model's labels; empty for a regressor.
    """

    kind: ClassVar[str] = "forest"

    def __init__(self, n_features: int, columns: Columns, trees: Trees, link: str, classes: NDArray[Any]) -> None:
        self.n_features = n_features
        self.n_trees = len(trees.roots)
        self.columns, self.trees, self.link, self.classes = columns, trees, link, classes
        self._link, self._one = LINKS[link], LINKS[link].one
        rank_rows = max(1, _RANK_WORK // len(columns.feature))
        self._block_rows = min(_BLOCK_ROWS, rank_rows)
        self.turn_rows = min(rank_rows, max(1, TURN_WORK // self.n_trees))
        self._is_mean = link in {"mean", "mean value"}
        self._walk = walk_of(kernel(), n_features, columns, trees, self.n_trees if self._is_mean else 1)
        self.walk: str = self._walk.name

    def find_in_turns(self, rows: Floats) -> Finding:
        """Find each row's answer, Answered."""
        blocks = []
        for start in range(0, max(1, len(rows)), self._block_rows):
            sums = yield from self._sums(rows[start : start + self._block_rows])
            blocks.append(self._answered(sums))
            yield
        outputs, positions = zip(*blocks, strict=True)
        return Answered(np.concatenate(outputs), np.concatenate(positions) if self.is_classifier else None)

    def find_plane_in_turns(self, row: Sequence[float], x: Axis, y: Axis) -> Generator[None, None, NDArray[Any]]:
        """Find what answers the points of a plane."""
        ranks = self._walk.rank(np.array([row], np.float64)).reshape(len(self.columns.feature), -1)[:, 0]
        plane, found = Plane(self._listed_columns, self.trees, ranks, x, y), []
        band = max(1, self._block_rows // len(plane.x)) if plane.is_scattered else plane.band
        for low in range(0, len(plane.y), band):
            part = (low, min(low + band, len(plane.y)))
            sums = yield from self._sums(plane.points(row, part)) if plane.is_scattered else plane.sums(part)
            found.append(self._results(sums).reshape(-1, len(plane.x)))
            yield
        return np.concatenate(found).repeat(plane.y.counts, axis=0).repeat(plane.x.counts, axis=1)

    @cached_property
    def _listed_columns(self) -> list[Column]:
        return self.columns.listed()

    def _results(self, sums: Floats) -> NDArray[Any]:
        """Return the position of each row's class, or a regressor's values."""
        if self._link.classify is None:
            return self._link.answer(sums, self.n_trees)
        return self._link.classify(self._link.answer(sums, self.n_trees) if self._is_mean else sums)

    def _sums(self, rows: Floats) -> Generator[None, None, Floats]:
        sums, n_turn = np.tile(self.trees.base, (len(rows), 1)), TURN_WORK // max(1, len(rows)) or 1
        ranks = self._walk.rank(rows)
        for first in range(0, self.n_trees, n_turn):
            self._walk.add(first, min(first + n_turn, self.n_trees), ranks, sums)
            yield
        return sums

    def _answered(self, sums: Floats) -> Answered:
        outputs = self._link.answer(sums, self.n_trees)
        if self._link.classify is None:
            return Answered(outputs, None)
        return Answered(outputs, self._link.classify(outputs if self._is_mean else sums))

    def positions_of(self, found: Found) -> Positions:
        """Return the position of each row's class."""
        positions: Positions = found.positions
        return positions

    def outputs_of(self, found: Found) -> Floats:
        """Return probabilities or values."""
        outputs: Floats = found.outputs
        return outputs

    def classify_one(self, row: Sequence[float]) -> int:
        """Return the position of one row's class."""
        return self.answer_one(row)[0]

    def answer_one(self, row: Sequence[float]) -> tuple[int, list[float]]:
        """Return one row's class and probabilities, or 0 and its value."""
        sums = self._walk.sums_of_one(row)
        if self._one:
            return self._one(sums[0])
        if self._is_mean:
            return sums.index(max(sums)), sums
        outputs, positions = self._answered(np.array([sums]))
        return (0, outputs.tolist()) if positions is None else (int(positions[0]), outputs[0].tolist())

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return columns and trees as arrays."""
        columns = self.columns
        return {
            "n_features": np.array([self.n_features], np.int64),
            "column_feature": columns.feature,
            "column_begin": columns.begin,
            "boundaries": columns.boundaries,
            "column_recoded": columns.recoded,
            "codes": columns.codes,
            **self.trees.to_arrays(),
            "link": np.array(self.link),
            "classes": self.classes,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Rebuild a forest; see Engine.from_arrays."""
        n_features = take(arrays, "n_features", "i8", 1)
        check(len(n_features) == 1 and n_features[0] > 0, "n_features")
        columns = take_columns(arrays, int(n_features[0]))
        trees = take_trees(arrays, len(columns.feature))
        link, classes = take_text(arrays, "link"), take_classes(arrays)
        check(link in LINKS and LINKS[link].fits(len(classes), len(trees.base)), "link")
        return cls(int(n_features[0]), columns, trees, link, classes)
