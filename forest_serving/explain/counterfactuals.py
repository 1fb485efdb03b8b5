"""The nearest value of each feature at which the class of a row changes, while its other values stay as they are."""

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import Feature, Value
from forest_serving.engines.engine import Engine, Floats

MOST_CATEGORIES = 10  # that are told of one feature
_BLOCK_ROWS = 4_096  # asked at once


class Counterfactual(NamedTuple):
    """Another value of one feature, and the position of the class that it leads to."""

    feature: int
    value: Value
    position: int


FindingAll = Generator[None, None, list[list[Counterfactual]]]


class Counterfactuals:
    """Finds them, by asking the engine at both sides of each boundary that matters.

    Args:
        engine: a classifier.
        features: of its card.
        boundaries_of: from a row to each feature's ascending boundaries, between which the answer does not change.
    """

    def __init__(
        self, engine: Engine, features: Sequence[Feature], boundaries_of: Callable[[Floats], list[Floats]]
    ) -> None:
        self._engine, self._features, self._boundaries_of = engine, features, boundaries_of

    def find_all_in_turns(self, rows: Floats | Sequence[Sequence[float]]) -> FindingAll:
        """Find those of rows, shape (n_rows, n_features)."""
        found = []
        for row in rows:
            found.append((yield from self.find_in_turns(row)))
            yield
        return found

    def find_in_turns(self, row: Floats | Sequence[float]) -> Generator[None, None, list[Counterfactual]]:
        """Find those of a row, shape (n_features,): none, one, or for categories up to MOST_CATEGORIES a feature."""
        row = np.asarray(row, np.float64)
        lines = [_line(*each) for each in zip(self._features, row, self._boundaries_of(row), strict=True)]
        rows = np.tile(row, (1 + sum(len(line) for line in lines), 1))
        begin = np.cumsum([1, *map(len, lines)])
        for i, line in enumerate(lines):
            rows[begin[i] : begin[i + 1], i] = line
        positions = yield from self._classes(rows)
        found: list[Counterfactual] = []
        for i, (feature, line) in enumerate(zip(self._features, lines, strict=True)):
            of_line = positions[begin[i] : begin[i + 1]]
            chosen = _chosen(feature, row[i], line, of_line != positions[0])
            found += [Counterfactual(i, told(feature, line[at]), int(of_line[at])) for at in chosen]
        return found

    def _classes(self, rows: Floats) -> Generator[None, None, NDArray[np.intp]]:
        parts = []
        for start in range(0, len(rows), _BLOCK_ROWS):
            found = yield from self._engine.find_in_turns(np.ascontiguousarray(rows[start : start + _BLOCK_ROWS]))
            parts.append(self._engine.positions_of(found))
        return np.concatenate(parts)


def _line(feature: Feature, value: float, boundaries: Floats) -> Floats:
    """Return the values of a feature to ask at: each category, or, of each interval, the number that is nearest."""
    if feature.categories:
        return np.arange(float(len(feature.categories)))
    middle = middle_of(feature) if np.isnan(value) else value
    boundaries = boundaries[(boundaries >= feature.lowest) & (boundaries < feature.highest)]
    own = boundaries.searchsorted(middle)
    return np.concatenate([boundaries[:own], [middle], np.nextafter(boundaries[own:], np.inf)])


def middle_of(feature: Feature) -> float:
    """Return where a missing value is looked for from: the median of the training data."""
    return feature.deciles[len(feature.deciles) // 2]


def _chosen(feature: Feature, value: float, line: Floats, changes: NDArray[np.bool_]) -> list[int]:
    """Return which values of a line are told: those of the nearest number, the lower of two; or of other categories."""
    found = np.flatnonzero(changes)
    if len(found) and not feature.categories:
        distance = np.abs(line[found] - (middle_of(feature) if np.isnan(value) else value))
        found = found[distance.argmin()].reshape(1)
    return list(map(int, found[:MOST_CATEGORIES]))


def told(feature: Feature, value: float) -> Value:
    """Return a value as a client sends it."""
    return feature.categories[int(value)] if feature.categories else float(value)
