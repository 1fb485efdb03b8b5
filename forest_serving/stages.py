"""The stages of a request that predicts, and the marks that are set between them, by perf_counter.

Rows in a body have four: when the body was there, when it was read, when the rows were answered, when the reply was
written. Rows by id have two more, after the first two: when what is stored was found, and when that was read. Where a
stage was left out or not reached, its marks are equal.
"""

from collections.abc import Iterator, Sequence
from time import perf_counter

STAGES = ("read", "features", "predict", "write")
BETWEEN = ("read", "predict", "write")  # two marks each
BETWEEN_BY_ID = ("read", "features", "read", "predict", "write")  # what is stored is read as bodies are
Marks = list[float]
MARKS = "marks"  # what they are called in an error that was told, and in the scope of a request


class MarksById(Marks):
    """The marks of a request for rows by id."""


def close(marks: Marks) -> Marks:
    """Mark the end of a stage, and of all stages after it, which are left out."""
    names = BETWEEN_BY_ID if isinstance(marks, MarksById) else BETWEEN
    marks += [perf_counter()] * (len(names) + 1 - len(marks))
    return marks


def failed(error: Exception, marks: Marks) -> Exception:
    """Return an error that takes the marks of its request to whoever tells of it."""
    if not hasattr(error, MARKS):
        setattr(error, MARKS, close(marks))
    return error


def marks_of(error: Exception) -> Sequence[float]:
    """Return the marks of a request that failed; none if it failed before its first stage."""
    marks: Sequence[float] = getattr(error, MARKS, ())
    return marks


def intervals(marks: Sequence[float]) -> Iterator[tuple[str, float, float]]:
    """Yield name, begin and end of what was not left out."""
    names = BETWEEN_BY_ID if isinstance(marks, MarksById) else BETWEEN
    for stage, begin_s, end_s in zip(names, marks, marks[1:], strict=False):
        if end_s > begin_s:
            yield stage, begin_s, end_s


def seconds_of(marks: Sequence[float]) -> dict[str, float]:
    """Return how long each stage took that was reached."""
    found = dict.fromkeys(STAGES, 0.0)
    for stage, begin_s, end_s in intervals(marks):
        found[stage] += end_s - begin_s
    return {stage: taken_s for stage, taken_s in found.items() if taken_s}
