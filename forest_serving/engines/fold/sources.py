"""The columns of X: which of them a model uses, and what each may hold."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from forest_serving.card import Label
from forest_serving.engines.fold.columns import Column, Step, Values, Vocabulary, Walk
from forest_serving.errors import NotCompilable

_NUMBERS = (0.0, 1.0, 0.5, 2.0, 3.0, 5.0, 10.0, 100.0, 1e3, 1e6, -0.5, -1.0, -2.0, -10.0, -100.0)  # one will do
_UNLISTED = "(a category that is not listed)"


class Source(NamedTuple):
    """What one column of X may hold.

    Attributes:
        position: in X.
        name: in X, if it has names.
        labels: the categories; None: numbers.
        in_objects: whether scikit-learn is to be given Python's objects.
        unknown: what stands for any other category; None: nothing can.
        missing: what stands for a missing value.
        usual: a value that is answered.
        takes_unknown: whether the model answers for other categories.
        takes_missing: whether the model answers where the value is missing.
    """

    position: int
    name: str | None = None
    labels: tuple[Label, ...] | None = None
    in_objects: bool = False
    unknown: Any = None
    missing: Any = np.nan
    usual: Any = 0.0
    takes_unknown: bool = False
    takes_missing: bool = False

    @property
    def called(self) -> str:
        """How to speak of it."""
        return f"column {self.position}" if self.name is None else f'column "{self.name}"'

    def holding(self, values: Sequence[Any]) -> Values:
        """Return these values as scikit-learn is to be given them, shape (n,)."""
        held = np.empty(len(values), object if self.in_objects else np.float64)
        held[:] = values
        return held

    @property
    def tokens(self) -> Values:
        """What stands for codes: for the unknown, for each label in turn, and for what is missing."""
        labels = self.labels or ()
        unknown = self.unknown if self.takes_unknown else self.usual
        missing = self.missing if self.takes_missing else self.usual
        return self.holding([unknown, *labels, missing])


def source_of(position: int, name: str | None, watched: list[Column]) -> Source:
    """Return what a column of X may hold.

    Args:
        position: of the column.
        name: of the column, if there are names.
        watched: the columns on the way from it, each behind a step that looks at it.

    Raises:
        NotCompilable: if there is no value that the model is known to answer.
    """
    looks = [column.step for column in watched if column.before and column.before.is_as_given and column.step]
    vocabularies = [step.vocabulary for step in looks]
    source = Source(position, name, in_objects=any(found.in_objects for found in vocabularies))
    if any(found.is_encoded for found in vocabularies):
        source = _of_categories(source, watched, vocabularies)
        if source.labels is None or _is_number_too(source, looks):
            source = source._replace(labels=None, unknown=None, takes_unknown=False)
    return with_usual(with_gaps(source, watched, vocabularies), watched)


def answered(source: Source, watched: list[Column], values: Sequence[Any]) -> list[bool]:
    """Return for which values of the column no step on the way refuses the row.

    Raises:
        NotCompilable: if a step takes for numbers what is text.
    """
    walk = Walk(source.holding(values))
    try:
        found: list[bool] = np.all(
            [np.full(len(values), True), *(walk.answered(column) for column in watched)], axis=0
        ).tolist()
        return found
    except (TypeError, ValueError):
        raise NotCompilable(
            f"{source.called[0].upper()}{source.called[1:]} is used both as categories and as numbers; encode it"
            " wherever it is used."
        ) from None


def with_gaps(source: Source, watched: list[Column], vocabularies: Sequence[Vocabulary] = ()) -> Source:
    """Return the source with what stands for a gap: what a step knows before what it only tolerates."""
    known = [mark for found in vocabularies for mark in found.missing]
    marks = [*known, np.nan] if source.in_objects else [np.nan]
    allowed = [mark for mark in marks if answered(source, watched, [mark])[0]]
    return source._replace(missing=[*allowed, np.nan][0], takes_missing=bool(allowed))


def with_usual(source: Source, watched: list[Column]) -> Source:
    """Return the source with a value that is answered."""
    values = source.labels or _NUMBERS
    usual = [value for value, is_answered in zip(values, answered(source, watched, values), strict=True) if is_answered]
    if not usual:
        raise NotCompilable(f"No value of {source.called} is known that the steps in front of the trees answer.")
    return source._replace(usual=usual[0])


def _of_categories(source: Source, watched: list[Column], vocabularies: Sequence[Vocabulary]) -> Source:
    labels = list(dict.fromkeys(label for found in vocabularies for label in found.labels))
    kinds = {
        bool if isinstance(label, bool) else float if isinstance(label, int | float) else type(label)
        for label in labels
    }
    if len(kinds) > 1 or not kinds <= {bool, float, str}:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise NotCompilable(
            f"The categories of {source.called} are {names}; use text, numbers or booleans, one kind only."
        )
    if not source.in_objects and any(int(float(label)) != label for label in labels if isinstance(label, int)):
        source = source._replace(in_objects=True)  # beyond 2**53
    unknown = _UNLISTED if str in kinds else max([0.0, *(abs(float(label)) for label in labels)]) * 2 + 1
    source = source._replace(unknown=unknown, takes_unknown=answered(source, watched, [unknown])[0])
    return source._replace(labels=tuple(np.array(labels, object)[answered(source, watched, labels)]) or None)


def _is_number_too(source: Source, looks: Sequence[Step]) -> bool:
    """Return whether a step counts with the column, and any number is answered."""
    counts = any(step.vocabulary == Vocabulary() and not step.keeps_values for step in looks)
    numbers = all(isinstance(label, int | float) and not isinstance(label, bool) for label in source.labels or ())
    return counts and numbers and source.takes_unknown
