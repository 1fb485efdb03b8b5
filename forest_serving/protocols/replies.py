"""Replies that several protocols have in common."""

from collections.abc import Generator

from forest_serving.protocols.endpoint import Reply
from forest_serving.protocols.predictor import Answers, ClassAnswers, Writing


def predictions_reply(answers: Answers) -> Reply:
    """Return {"predictions": labels or numbers}, which several protocols have in common."""
    return Reply(b'{"predictions":%b}' % answers.predictions_json())


def probabilities_reply(answers: ClassAnswers) -> Reply | Writing:
    """Return predictions, names and probabilities."""
    if len(answers) <= answers.turn_rows:
        return _all_of(answers, answers.probabilities_json(0, len(answers)))
    return _write_all(answers)


def _write_all(answers: ClassAnswers) -> Writing:
    return _all_of(answers, (yield from write_probabilities(answers)))


def _all_of(answers: ClassAnswers, probabilities: bytes) -> Reply:
    parts = answers.predictions_json(), answers.names_json(), probabilities
    return Reply(b'{"predictions":%b,"labels":%b,"probabilities":[%b]}' % parts)


def write_probabilities(answers: ClassAnswers) -> Generator[None, None, bytes]:
    """Return probabilities_json of all rows; others have their turn in between."""
    parts, n_rows = [], answers.turn_rows
    for start in range(0, len(answers), n_rows):
        yield
        parts.append(answers.probabilities_json(start, start + n_rows))
    return b",".join(parts)
