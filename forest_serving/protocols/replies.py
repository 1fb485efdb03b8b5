"""Replies that several protocols have in common; long ones are written in parts, so that others have their turn."""

from collections.abc import Callable, Generator
from typing import Any

from forest_serving.protocols.endpoint import Reply
from forest_serving.protocols.predictor import Answers, ClassAnswers, Writing

PART_ROWS = 10_000  # whose labels or numbers take about a millisecond to write

Parts = Generator[None, None, list[Any]]


def parts_of(answers: Answers, write: Callable[[Any], Any], n_rows: int = PART_ROWS, between: bytes = b",") -> Parts:
    """Return what is written of so many rows at a time, and what stands between."""
    if len(answers) <= n_rows:
        return [write(answers)]
    parts = []
    for start in range(0, len(answers), n_rows):
        yield
        parts += [write(answers.part(start, start + n_rows)), between]
    return parts[:-1]


def predictions_inside(answers: Answers) -> bytes:
    """Return labels or numbers as JSON with commas between them."""
    return answers.predictions_json()[1:-1]


def predictions_reply(answers: Answers) -> Reply | Writing:
    """Return {"predictions": labels or numbers}."""
    if len(answers) <= PART_ROWS:
        return Reply(b'{"predictions":%b}' % answers.predictions_json())
    return _written(answers, b'{"predictions":[', b"]}")


def list_reply(answers: Answers) -> Reply | Writing:
    """Return a list of labels or numbers."""
    if len(answers) <= PART_ROWS:
        return Reply(answers.predictions_json())
    return _written(answers, b"[", b"]")


def _written(answers: Answers, before: bytes, after: bytes) -> Writing:
    return Reply(b"".join([before, *(yield from parts_of(answers, predictions_inside)), after]))


def probabilities_reply(answers: ClassAnswers) -> Reply | Writing:
    """Return predictions, names and probabilities."""
    if len(answers) <= answers.turn_rows:
        parts = answers.predictions_json(), answers.names_json(), answers.probabilities_json()
        return Reply(b'{"predictions":%b,"labels":%b,"probabilities":[%b]}' % parts)
    return _write_all(answers)


def _write_all(answers: ClassAnswers) -> Writing:
    parts = [b'{"predictions":[', *(yield from parts_of(answers, predictions_inside)), b'],"labels":[']
    parts += yield from parts_of(answers, lambda some: some.names_json()[1:-1])
    parts.append(b'],"probabilities":[')
    parts += yield from parts_of(answers, lambda some: some.probabilities_json(), answers.turn_rows)
    return Reply(b"".join([*parts, b"]}"]))
