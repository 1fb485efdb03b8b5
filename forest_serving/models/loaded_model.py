"""A loaded model: it answers rows, and can say what it is."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import Card
from forest_serving.engines.engine import Axis, Engine, Floats, Found
from forest_serving.models import description
from forest_serving.models.answers import Answers, Categories, Numbers
from forest_serving.models.table_answers import answers_from_table
from forest_serving.turns import in_turns

Rows: TypeAlias = "list[Sequence[float]] | Floats"  # a list of few rows, or an array, shape (n_rows, n_features)


class LoadedModel:
    """A compiled model out of the store.

    Args:
        tag: its tag in the store, "name:version".
        card: what it is.
        engine: what answers.
    """

    def __init__(self, tag: str, card: Card, engine: Engine) -> None:
        self.tag = tag
        self.version = tag.partition(":")[2]
        self.card = card
        self.engine = engine
        self._is_classifier = card.is_classifier
        self._categories = Categories(card)
        self._from_table = answers_from_table(engine, self._categories)

    def answer(self, rows: Rows, with_probabilities: bool = False) -> Answers | Numbers:
        """Return the answers to all rows at once; only a classifier's have probabilities."""
        if not isinstance(rows, list):
            return self._answers_of(self.engine.find(rows), with_probabilities)
        if with_probabilities and self._from_table:
            return self._from_table.of_few(rows)
        if with_probabilities or not self._is_classifier:
            positions, outputs = zip(*map(self.engine.answer_one, rows), strict=True)
            if not self._is_classifier:
                return Numbers([value for (value,) in outputs])
            return Answers(self._categories, list(positions), list(outputs))
        return Answers(self._categories, list(map(self.engine.classify_one, rows)))

    def is_quick(self, rows: Rows) -> bool:
        """Return whether the answer takes no longer than one request may keep others waiting."""
        return len(rows) <= self.engine.turn_rows

    async def answer_in_turns(self, rows: Rows, with_probabilities: bool = False) -> Answers | Numbers:
        """Return the answers to all rows; about once in a millisecond, other requests have their turn."""
        found = await in_turns(self.engine.find_in_turns(np.ascontiguousarray(rows, np.float64)))
        return self._answers_of(found, with_probabilities)

    async def answer_plane(self, row: Sequence[float], x: Axis, y: Axis) -> NDArray[Any]:
        """Return the answers to a row with all values of two features in place of its own, in turns.

        Args:
            row: what the other features have.
            x: the position of a feature, and its values, shape (n_x_values,).
            y: the same of another one.

        Returns:
            shape (n_y_values, n_x_values), the position of each point's class, or a regressor's number.
        """
        return await in_turns(self.engine.find_plane_in_turns(row, x, y))

    def _answers_of(self, found: Found, with_probabilities: bool) -> Answers | Numbers:
        if not self._is_classifier:
            return Numbers(self.engine.outputs_of(found))
        if not with_probabilities:
            return Answers(self._categories, self.engine.positions_of(found))
        if self._from_table:
            return self._from_table.of(found)
        return Answers(self._categories, self.engine.positions_of(found), self.engine.outputs_of(found))

    def facts(self) -> dict[str, str]:
        """Return what the metrics say about the model."""
        return description.facts(self.tag, self.card)

    def describe(self) -> dict[str, Any]:
        """Return what the model is, in JSON types, as GET /model answers it."""
        return description.describe(self.tag, self.card, self.engine.walk)
