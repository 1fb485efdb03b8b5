"""A loaded model: it answers rows, and can say what it is."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import Card
from forest_serving.engines.engine import Engine, Floats
from forest_serving.models import description
from forest_serving.models.answers import Answers, Categories, Numbers
from forest_serving.models.table_answers import answers_from_table

# Rows × trees of about a millisecond, as flat forests take them on batches; a table's 10,000 rows take as long.
TURN_WORK = 10_000
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
        self.turn_rows = max(1, TURN_WORK // engine.n_trees)
        self._categories = Categories(card)
        self._from_table = answers_from_table(engine, self._categories)

    def answer(self, rows: Rows, with_probabilities: bool = False) -> Answers | Numbers:
        """Return the answers to all rows at once; only a classifier's have probabilities."""
        if not self.card.is_classifier:
            if isinstance(rows, list):
                return Numbers([self.engine.predict_one(row) for row in rows])
            return Numbers(self.engine.predict(rows))
        if isinstance(rows, list):
            if not with_probabilities:
                return Answers(self._categories, [self.engine.classify_one(row) for row in rows])
            shares = [self.engine.predict_proba_one(row) for row in rows]
            return Answers(self._categories, [row.index(max(row)) for row in shares], shares)
        compute, answers = self._way(with_probabilities)
        return answers(compute(rows))

    def is_quick(self, rows: Rows) -> bool:
        """Return whether the answer takes no longer than one request may keep others waiting."""
        return len(rows) <= self.turn_rows

    async def answer_in_turns(self, rows: Rows, with_probabilities: bool = False) -> Answers | Numbers:
        """Return the answers to all rows; after each turn_rows of them, other requests have their turn."""
        array = np.asarray(rows, np.float64)
        compute, answers = self._way(with_probabilities)
        parts = []
        for start in range(0, len(array), self.turn_rows):
            if start:
                await asyncio.sleep(0)
            parts.append(compute(array[start : start + self.turn_rows]))
        return answers(parts[0] if len(parts) == 1 else np.concatenate(parts))

    def _way(
        self, with_probabilities: bool
    ) -> tuple[Callable[[Floats], NDArray[Any]], Callable[[NDArray[Any]], Answers | Numbers]]:
        """Return what finds an array for rows, and what makes answers of it."""
        if not self.card.is_classifier:
            return self.engine.predict, Numbers
        if self._from_table:
            return self._from_table
        if with_probabilities:
            return self.engine.predict_proba, lambda shares: Answers(self._categories, shares.argmax(axis=1), shares)
        return self.engine.classify, lambda classes: Answers(self._categories, classes)

    def facts(self) -> dict[str, str]:
        """Return what the metrics say about the model."""
        return description.facts(self.tag, self.card)

    def describe(self) -> dict[str, Any]:
        """Return what the model is, in JSON types, as GET /model answers it."""
        return description.describe(self.tag, self.card, getattr(self.engine, "walk", ""))
