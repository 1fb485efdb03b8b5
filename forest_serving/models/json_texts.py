"""Probabilities of many rows as JSON: a table's distinct answers are written once, and then put together by number."""

from typing import Any

import msgspec
from numpy.typing import NDArray

from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Floats
from forest_serving.schema import CLASS_NAMES

MOST_ANSWERS = 100_000  # which take 10 MB and 0.1 s at the start
_encode = msgspec.json.Encoder().encode
_NAMES = [_encode(name) for name in CLASS_NAMES]


class WrittenAnswers:
    """The JSON of each answer that a table has.

    Args:
        table: at most MOST_ANSWERS distinct ones.
    """

    def __init__(self, table: DecisionTable) -> None:
        self._table = table
        self._labels = table.probabilities.argmax(axis=1)
        self._texts = [_encode(row) for row in table.probabilities.tolist()]

    def of(self, rows: Floats) -> tuple[NDArray[Any], bytes]:
        """Return class indices, shape (n_rows,), and the JSON of schema.Probabilities; for rows as Engine has them."""
        answers = self._table.answers_of(rows)
        labels = self._labels.take(answers, mode="clip")  # as in Intervals
        predictions = labels.tolist()
        names = b",".join(map(_NAMES.__getitem__, predictions))
        probabilities = b",".join(map(self._texts.__getitem__, answers.tolist()))
        parts = (_encode(predictions), names, probabilities)
        return labels, b'{"predictions":%b,"labels":[%b],"probabilities":[%b]}' % parts


def written(engine: Any) -> WrittenAnswers | None:
    """Return an engine's answers, if they can be listed."""
    is_short = isinstance(engine, DecisionTable) and len(engine.probabilities) <= MOST_ANSWERS
    return WrittenAnswers(engine) if is_short else None
