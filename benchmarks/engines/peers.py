"""Who answers, each in its own way: scikit-learn, and this project's engines."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from benchmarks.engines.subject import Subject
from forest_serving.engines.engine import Engine, Floats, Positions
from forest_serving.engines.oracle import Oracle

Answers = Callable[[Floats], tuple[Floats, Positions]]  # rows → probabilities, and the positions of classes


class Way(NamedTuple):
    """A way to ask: form makes an input of some rows, and call answers it."""

    form: Callable[[Floats], Any]
    call: Callable[[Any], Any]


class Peer(NamedTuple):
    """One who answers.

    Attributes:
        name: what is printed.
        one: how it is asked for one row; None if it is not.
        many: how it is asked for many rows.
        answers: what is compared with scikit-learn; None for scikit-learn.
    """

    name: str
    one: Way | None
    many: Way | None
    answers: Answers | None


SKLEARN, ONNX, OURS = "scikit-learn", "ONNX Runtime", "engine, probabilities"
CLASSIFY, FALLBACK, FIND, FIND_NUMPY = "engine, classify", "engine without kernel", "look-up", "look-up without kernel"


def scikit_learn(subject: Subject) -> Peer:
    """Return the model itself, its preprocessing included."""
    way = Way(subject.inputs.frame, subject.model.fitted.predict_proba)
    return Peer(SKLEARN, way, way, None)


def expected(subject: Subject, rows: Floats) -> tuple[Floats, Positions]:
    """Return what scikit-learn answers."""
    return Oracle(subject.model.fitted, subject.inputs).answer(rows)


def engines(subject: Subject) -> list[Peer]:
    """Return this project's ways."""
    own, numpy = subject.engine, subject.fallback
    found = [
        Peer(FALLBACK, Way(_list, numpy.predict_proba_one), Way(np.asarray, numpy.predict_proba), _all_rows(numpy)),
        Peer(OURS, Way(_list, own.predict_proba_one), Way(np.asarray, own.predict_proba), _all_rows(own)),
        Peer(CLASSIFY, Way(_list, own.classify_one), Way(np.asarray, own.classify), _row_by_row(own)),
    ]
    if own.kind == "decision_table":
        found += [Peer(FIND_NUMPY, None, Way(np.asarray, numpy.find), None)]
        found += [Peer(FIND, None, Way(np.asarray, own.find), None)]
    return found


def _list(rows: Floats) -> list[float]:
    row: list[float] = rows[0].tolist()
    return row


def _all_rows(engine: Engine) -> Answers:
    return lambda rows: (engine.predict_proba(rows), engine.classify(rows))


def _row_by_row(engine: Engine) -> Answers:
    def answers(rows: Floats) -> tuple[Floats, Positions]:
        given = rows.tolist()
        return np.array(list(map(engine.predict_proba_one, given))), np.array(list(map(engine.classify_one, given)))

    return answers
