"""Answers out of a decision table, whose few distinct ones are written as JSON once and then put together by number."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Engine, Found
from forest_serving.kernel.texts import Texts
from forest_serving.models.answers import Answers, Categories, encode

_TIMES_FASTER = 3  # to put texts together than to write numbers
MOST_VALUES = 300_000  # probabilities, rows × classes, whose texts take up to 20 MB and 0.1 s at the start


class TableAnswers(Answers):
    """The answers to some rows, each known by its number in the table.

    Attributes:
        table: the distinct answers.
        numbers: the number of each row's answer: a list of int, or an array, shape (n_rows,).
    """

    table: Any = None
    numbers: Any = None

    def probability_array(self) -> Any:
        """Return each row's class probabilities, shape (n_rows, n_classes)."""
        return self.table.probabilities.take(self.numbers, axis=0, mode="clip")

    @property
    def turn_rows(self) -> int:
        """The probabilities of how many rows take at most a millisecond to be put together."""
        return self.categories.turn_rows * _TIMES_FASTER

    def probabilities_json(self) -> bytes:
        """Return probabilities as lists of JSON, with commas between them."""
        joined: bytes = self.table.texts.joined(self.numbers)
        return joined

    def part(self, start: int, stop: int) -> "TableAnswers":
        """Return the answers to some of the rows."""
        classes, numbers = self.classes[start:stop], self.numbers[start:stop]
        return TableAnswers(self.categories, classes, table=self.table, numbers=numbers)


class TableAnswering:
    """Makes answers of the numbers that a decision table finds.

    Args:
        table: the table.
        categories: the model's.
    """

    def __init__(self, table: DecisionTable, categories: Categories) -> None:
        self.categories, self.table = categories, table
        self.probabilities = table.outputs
        self.classes = table.positions.astype(np.intp)
        self.texts = Texts([encode(row) for row in table.outputs.tolist()])
        self._class_of, self._find_one = self.classes.tolist(), table.find_one

    def of(self, found: Found) -> TableAnswers:
        """Return the answers to what the table found."""
        numbers = self.table.numbers_of(found)
        classes = self.classes.take(numbers, mode="clip")  # as in DecisionTable
        return TableAnswers(self.categories, classes, table=self, numbers=numbers)

    def of_few(self, rows: list[Sequence[float]]) -> TableAnswers:
        """Return the answers to a list of rows."""
        numbers = list(map(self._find_one, rows))
        classes = [self._class_of[number] for number in numbers]
        return TableAnswers(self.categories, classes, table=self, numbers=numbers)


def answers_from_table(engine: Engine, categories: Categories) -> TableAnswering | None:
    """Return what makes answers, with probabilities, of what a table finds; None if they cannot be listed.

    A regressor's are not listed: its numbers are written as fast as they could be looked up.
    """
    if not isinstance(engine, DecisionTable) or not categories.labels or engine.outputs.size > MOST_VALUES:
        return None
    return TableAnswering(engine, categories)
