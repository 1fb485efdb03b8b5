"""What a model answered to rows, in whichever form a reply wants it."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from forest_serving.card import Card, Label
from forest_serving.kernel.texts import Texts

_TURN_VALUES = 10_000  # probabilities, which take about a millisecond to write as JSON

encode = msgspec.json.Encoder().encode


class Categories:
    """The classes of a model, by position.

    Args:
        card: the model's.
    """

    def __init__(self, card: Card) -> None:
        self.labels = card.labels
        self.names = card.class_names
        self.label_array = np.array(self.labels)
        self.label_texts = Texts([encode(label) for label in self.labels])
        self.turn_rows = max(1, _TURN_VALUES // max(1, len(self.labels)))
        self.name_texts = Texts([encode(name) for name in self.names])
        # JSON tells 1 from true and 1.0, so equality is not enough.
        self.are_positions = all(type(label) is int for label in self.labels) and self.labels == list(
            range(len(self.labels))
        )


class Answers(msgspec.Struct):
    """The answers to some rows.

    Attributes:
        categories: the model's.
        classes: the position of each row's class among the card's classes.
        shares: each row's class probabilities, if they were asked for: lists, or shape (n_rows, n_classes).
    """

    categories: Categories
    classes: Any  # a list of int, or an array; msgspec would look into a NumPy type
    shares: Any = None

    def __len__(self) -> int:
        return len(self.classes)

    @property
    def results(self) -> Any:
        """What is counted: the position of each row's class."""
        return self.classes

    def predictions(self) -> Sequence[Label]:
        """Return what model.predict would: each row's label."""
        positions: list[int] = self.classes if isinstance(self.classes, list) else self.classes.tolist()
        if self.categories.are_positions:
            return positions
        return [self.categories.labels[position] for position in positions]

    def predictions_json(self) -> bytes:
        """Return predictions as a list of JSON."""
        return b"[%b]" % self.categories.label_texts.joined(self.classes)

    def prediction_array(self) -> NDArray[Any]:
        """Return each row's label, shape (n_rows,)."""
        if self.categories.are_positions:
            return np.asarray(self.classes, np.int64)
        labels: NDArray[Any] = self.categories.label_array[self.classes]
        return labels

    def names(self) -> list[str]:
        """Return the name of each row's class."""
        return [self.categories.names[position] for position in _listed(self.classes)]

    def names_json(self) -> bytes:
        """Return names as a list of JSON."""
        return b"[%b]" % self.categories.name_texts.joined(self.classes)

    def probabilities(self) -> list[list[float]]:
        """Return each row's class probabilities; only if they were asked for."""
        return _listed(self.probability_array())

    def probability_array(self) -> Any:
        """Return each row's class probabilities as lists or an array, as they were found."""
        return self.shares

    @property
    def turn_rows(self) -> int:
        """The probabilities of how many rows take about a millisecond to be written as JSON."""
        turn_rows: int = self.categories.turn_rows
        return turn_rows

    def probabilities_json(self) -> bytes:
        """Return probabilities as lists of JSON, with commas between them."""
        return encode(self.probabilities())[1:-1]

    def part(self, start: int, stop: int) -> "Answers":
        """Return the answers to some of the rows."""
        shares = None if self.shares is None else self.shares[start:stop]
        return Answers(self.categories, self.classes[start:stop], shares)


class Numbers(msgspec.Struct):
    """A regressor's answers to some rows: numbers, which have neither names nor probabilities.

    Attributes:
        values: each row's finite number: a list of float, or doubles, shape (n_rows,).
    """

    values: Any

    def __len__(self) -> int:
        return len(self.values)

    @property
    def results(self) -> Any:
        """What is counted: the numbers."""
        return self.values

    def predictions(self) -> Sequence[float]:
        """Return what model.predict would: each row's number."""
        return _listed(self.values)

    def predictions_json(self) -> bytes:
        """Return predictions as a list of JSON."""
        return encode(self.predictions())

    def prediction_array(self) -> NDArray[Any]:
        """Return each row's number, shape (n_rows,)."""
        return np.asarray(self.values, np.float64)

    def part(self, start: int, stop: int) -> "Numbers":
        """Return the answers to some of the rows."""
        return Numbers(self.values[start:stop])


def _listed(values: Any) -> list[Any]:
    found: list[Any] = values if isinstance(values, list) else values.tolist()
    return found
