"""A batch of records as arrays, in the columns of the model's card."""

from collections.abc import Callable, Sequence
from math import nan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import LARGEST, UNKNOWN, Card, Feature
from forest_serving.report.lines import Line

Floats = NDArray[np.float64]


class Batch(NamedTuple):
    """Some records.

    Attributes:
        lines: what was read; those whose answer is none of the model's are left out.
        times_s: when each was answered, in seconds since 1970.
        rows: shape (n_lines, n_features), as rows/ says.
        absent: the same shape: whether the record lacks the column, because it was not to be kept.
        answers: the position of each class, or a regressor's numbers.
    """

    lines: list[Line]
    times_s: Floats
    rows: Floats
    absent: NDArray[np.bool_]
    answers: NDArray[Any]


class Reader:
    """Makes batches of lines.

    Args:
        card: the model's.
    """

    def __init__(self, card: Card) -> None:
        self._columns = [(each.name, _reader_of(each)) for each in card.features]
        self._positions = {label: position for position, label in enumerate(card.labels)}
        self._is_answer: Callable[[Any], bool] = self._positions.__contains__ if card.is_classifier else is_number

    def read(self, lines: Sequence[Line]) -> Batch:
        """Return a batch."""
        kept = [line for line in lines if self._is_answer(line.prediction)]
        rows, absent = np.empty((len(kept), len(self._columns))), np.empty((len(kept), len(self._columns)), np.bool_)
        all_features = [line.features for line in kept]
        for place, (name, read) in enumerate(self._columns):
            rows[:, place] = read([features.get(name) for features in all_features])
            absent[:, place] = [name not in features for features in all_features]
            if marked := [n for n, line in enumerate(kept) if line.unknown and name in line.unknown]:
                rows[marked, place] = UNKNOWN
        return Batch(kept, np.array([line.time.timestamp() for line in kept]), rows, absent, self._answers(kept))

    def _answers(self, lines: Sequence[Line]) -> NDArray[Any]:
        if not self._positions:
            return np.array([line.prediction for line in lines], np.float64)
        return np.array([self._positions[line.prediction] for line in lines], np.intp)


def _reader_of(feature: Feature) -> Callable[[list[Any]], Any]:
    if not feature.categories:
        return _numbers
    codes: dict[Any, float] = {label: float(position) for position, label in enumerate(feature.categories)}
    codes[None] = nan
    return lambda values: [codes.get(value, UNKNOWN) if _is_plain(value) else UNKNOWN for value in values]


def _numbers(values: list[Any]) -> Any:
    try:
        return np.array(values, np.float64)  # None becomes NaN
    except (TypeError, ValueError, ArithmeticError):
        return [float(value) if is_number(value) else nan for value in values]


def is_number(value: Any) -> bool:
    """Return whether a value of a record is a number that a column can hold."""
    return type(value) in (int, float) and abs(value) <= LARGEST


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float | str)
