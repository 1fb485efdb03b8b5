"""What the answers should have been, out of a CSV file, and how right they were."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite, nan, sqrt
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import Card
from forest_serving.errors import BadLog
from forest_serving.report.batches import Batch
from forest_serving.wilson import Z

LEAST_LABELS = 50  # to say anything
_ID, _ROW, _LABEL = "request_id", "row", "label"


@dataclass
class Score:
    """How right some answers were.

    Attributes:
        n: how many have a truth.
        n_right: how many of them equal it.
        pairs: how often which class, by position, was answered where which was true.
        error_sum: of a regressor's answers, less the truth.
        absolute_sum: the same without their sign.
        square_sum: the sum of the squares of those without a sign.
    """

    n: int = 0
    n_right: int = 0
    pairs: dict[tuple[int, int], int] = field(default_factory=dict)
    error_sum: float = 0.0
    absolute_sum: float = 0.0
    square_sum: float = 0.0

    def add(self, other: "Score") -> None:
        """Add another score."""
        self.n, self.n_right = self.n + other.n, self.n_right + other.n_right
        for pair, n in other.pairs.items():
            self.pairs[pair] = self.pairs.get(pair, 0) + n
        self.error_sum += other.error_sum
        self.absolute_sum += other.absolute_sum
        self.square_sum += other.square_sum

    def absolute_error(self) -> tuple[float, float, float]:
        """Return a regressor's mean absolute error, and the ends of its 95 % interval (normal)."""
        mean = self.absolute_sum / self.n
        spread = sqrt(max(0.0, self.square_sum / self.n - mean * mean) / self.n)
        return mean, max(0.0, mean - Z * spread), mean + Z * spread


class Compared(NamedTuple):
    """A batch beside the truth.

    Attributes:
        truth: for each record the position of its class, or the number; NaN where it is not known.
        answers: what was answered.
        is_classifier: which of both they are.
    """

    truth: NDArray[np.float64]
    answers: NDArray[Any]
    is_classifier: bool

    def of(self, places: NDArray[np.intp]) -> Score:
        """Return the score of some records."""
        known = places[~np.isnan(self.truth[places])]
        truth, answers = self.truth[known], self.answers[known]
        if not self.is_classifier:
            errors = answers - truth
            sums = float(errors.sum()), float(np.abs(errors).sum()), float((errors * errors).sum())
            return Score(len(known), 0, {}, *sums)
        pairs = np.stack([answers, truth.astype(np.intp)], axis=1)
        found, numbers = np.unique(pairs, axis=0, return_counts=True)
        together = dict(zip(map(tuple, found.tolist()), numbers.tolist(), strict=True))
        return Score(len(known), int((answers == truth).sum()), together)


class Truth:
    """Labels by request id and row.

    Args:
        path: a CSV file with the columns request_id and label, and row where requests have several.
        card: the model's.

    Attributes:
        n_labels: how many there are.
        n_found: how many of them belong to a record that was compared.

    Raises:
        BadLog: if it is no such file.
    """

    def __init__(self, path: Path, card: Card) -> None:
        self._is_classifier = card.is_classifier
        self._positions = _positions(card)
        self._labels = self._read(path)
        self.n_labels, self.n_found = len(self._labels), 0

    def compare(self, batch: Batch) -> Compared:
        """Return a batch beside the truth; of records with the same id and row, the first counts."""
        found = [self._labels.pop((line.request_id, line.row), np.nan) for line in batch.lines]
        truth = np.array(found, np.float64)
        self.n_found += int((~np.isnan(truth)).sum())
        return Compared(truth, batch.answers, self._is_classifier)

    def _read(self, path: Path) -> dict[tuple[str, int], float]:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.DictReader(file, restval="")
            try:
                return self._labels_in(lines)
            except UnicodeDecodeError:
                raise BadLog(f"{path} is not written in UTF-8; save it so.") from None
            except csv.Error as error:
                raise BadLog(f"{path}, behind line {lines.line_num}: {error}.") from None
            except ValueError as error:
                raise BadLog(f"{path}, line {max(1, lines.line_num)}: {error}.") from None

    def _labels_in(self, lines: "csv.DictReader[str]") -> dict[tuple[str, int], float]:
        if not {_ID, _LABEL} <= set(lines.fieldnames or ()):
            raise ValueError(f"it must name the columns {_ID} and {_LABEL}, and {_ROW} where requests have several")
        found: dict[tuple[str, int], float] = {}
        for line in lines:
            place, value = (line[_ID], _row(line.get(_ROW) or "0")), self._value(line[_LABEL])
            if found.setdefault(place, value) != value:
                raise ValueError(f'row {place[1]} of request "{place[0][:40]}" has another label above')
        return found

    def _value(self, text: str) -> float:
        """Return the position of a class, or a number."""
        if not self._is_classifier:
            return _number(text)
        place = self._positions.get(text.strip(), self._positions.get(_plain(text)))
        if place is None:
            raise ValueError(f'"{text[:40]}" is no class of the model')
        return float(place)


def _row(text: str) -> int:
    if not text.strip().isdecimal():
        raise ValueError(f'row "{text[:40]}" is no whole number')
    return int(text)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = nan
    if not isfinite(number):
        raise ValueError(f'"{text[:40]}" is no number')
    return number


def _positions(card: Card) -> dict[str, int]:
    """Return the position of each class by its name, and by its label, however that may be written."""
    found: dict[str, int] = {}
    for texts in (card.class_names, list(map(str, card.labels)), list(map(_plain, map(str, card.labels)))):
        for place, text in enumerate(texts):
            found.setdefault(text, place)
    return found


def _plain(text: str) -> str:
    """Return a text in one form for all ways to write a number or a boolean."""
    try:
        return repr(float(text))
    except ValueError:
        return text.strip().lower()


def accuracy_at_training(report: dict[str, Any]) -> tuple[float, float] | None:
    """Return the accuracy that a model's card tells, and the lower end of its interval; None if it tells none."""
    if "accuracy" not in report:
        return None
    ends: Sequence[float] = report.get("accuracy_95_interval") or [report["accuracy"]]
    return float(report["accuracy"]), float(ends[0])


def error_at_training(report: dict[str, Any]) -> tuple[float, float] | None:
    """Return the mean absolute error that a model's card tells, and the upper end of its interval."""
    if "mae" not in report:
        return None
    ends: Sequence[float] = report.get("mae_95_interval") or [report["mae"]]
    return float(report["mae"]), float(ends[-1])
