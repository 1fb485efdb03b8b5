"""What a model answered to rows, in whichever form a reply wants it."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from forest_serving.card import Card, Label

Positions: TypeAlias = "list[int] | NDArray[Any]"  # of each row's class among the card's classes

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
        self.name_texts = [encode(name) for name in self.names]
        # JSON tells 1 from true and 1.0, so equality is not enough.
        self.are_positions = all(type(label) is int for label in self.labels) and self.labels == list(
            range(len(self.labels))
        )


class Answers:
    """The answers to some rows.

    Args:
        categories: the model's.
        classes: the position of each row's class.
        shares: each row's class probabilities, if they were asked for: lists, or shape (n_rows, n_classes).
    """

    __slots__ = ("_shares", "categories", "classes")

    def __init__(
        self, categories: Categories, classes: Positions, shares: "list[list[float]] | NDArray[Any] | None" = None
    ) -> None:
        self.categories = categories
        self.classes = classes
        self._shares = shares

    def __len__(self) -> int:
        return len(self.classes)

    def predictions(self) -> Sequence[Label]:
        """Return what model.predict would: each row's label."""
        positions: list[int] = self.classes if isinstance(self.classes, list) else self.classes.tolist()
        if self.categories.are_positions:
            return positions
        return [self.categories.labels[position] for position in positions]

    def prediction_array(self) -> NDArray[Any]:
        """Return each row's label, shape (n_rows,)."""
        return self.categories.label_array[self.classes]

    def names(self) -> list[str]:
        """Return the name of each row's class."""
        return [self.categories.names[position] for position in self._listed(self.classes)]

    def probabilities(self) -> list[list[float]]:
        """Return each row's class probabilities; only if they were asked for."""
        return self._listed(self.probability_array())

    def probability_array(self) -> Any:
        """Return each row's class probabilities as lists or an array, as they were found."""
        return self._shares

    def probabilities_json(self) -> bytes:
        """Return predictions, labels and probabilities as JSON."""
        fields = {"predictions": self.predictions(), "labels": self.names(), "probabilities": self.probabilities()}
        return encode(fields)

    @staticmethod
    def _listed(values: Any) -> list[Any]:
        found: list[Any] = values if isinstance(values, list) else values.tolist()
        return found
