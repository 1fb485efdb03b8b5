"""Rows and answers as records of the log, one for each row, made many at a time."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from forest_serving.card import UNKNOWN, Card, Feature

# What is noted of a request: when it was answered (seconds since 1970), its id, its endpoint, how long it took in
# seconds; its rows, and the positions of their classes or a regressor's numbers.
Noted = tuple[float, bytes, str, float, tuple[Any, Any]]
Part = tuple[Noted, int]  # some of a request's rows, and the position of the first of them in the request
Rows = NDArray[np.float64]


class Model(Protocol):
    """What answered; models.loaded_model says more."""

    @property
    def card(self) -> Card: ...  # noqa: D102

    @property
    def version(self) -> str: ...  # noqa: D102

    def answer(self, rows: Any, with_probabilities: bool = False) -> Any: ...  # noqa: D102


class Record(msgspec.Struct, omit_defaults=True, gc=False):
    """One row and its answer.

    Attributes:
        time: when the request was answered.
        request_id: as in X-Request-ID.
        row: the row's position among those of the request that were answered.
        model: the model's name.
        version: its version.
        endpoint: the path that was asked.
        duration_s: how long the whole request took.
        features: each value by its column's name; a category as its label, a missing value as None.
        prediction: the class's label, or a regressor's number.
        probabilities: of each class, in the card's order; None for a regressor.
        unknown: the columns whose category the model does not know; features has None for them.
    """

    time: datetime
    request_id: str
    row: int
    model: str
    version: str
    endpoint: str
    duration_s: float
    features: Any
    prediction: Any
    probabilities: list[float] | None = None
    unknown: tuple[str, ...] = ()


class Recorder:
    """Makes records of a model's answers.

    Args:
        model: what answered.
        without: names of columns that are left out.

    Attributes:
        n_values: how many numbers a record has, about.
    """

    def __init__(self, model: Model, without: Collection[str]) -> None:
        card = model.card
        kept = [(n, each) for n, each in enumerate(card.features) if not set(each.names) & set(without)]
        self._model, self._named = model, (card.name, model.version)
        self._columns: list[tuple[int, Callable[[Any], list[Any]]]] = [(n, _column_of(each)) for n, each in kept]
        self._open = [(n, each.name) for n, each in kept if each.takes_unknown]
        self._labels = card.labels
        self.n_values = len(card.features) + len(card.classes)
        names = {f"f{n}": each.name for n, each in kept}  # a column's name may be a word of Python's
        self._features: Any = msgspec.defstruct("Features", [(name, Any) for name in names], rename=names, gc=False)

    def records(self, parts: Sequence[Part]) -> list[Record]:
        """Return the records of some rows; the probabilities are asked for here, as few requests want them."""
        rows, results = _rows_of(parts), list(chain.from_iterable(noted[-1][1] for noted, _ in parts))
        columns = [values(rows[:, n]) for n, values in self._columns]
        features = map(self._features, *columns) if columns else [self._features() for _ in results]
        answers = self._predictions(rows, results)
        made = map(Record, *self._requests(parts), features, *answers)
        return self._tell_unknown(list(made), rows)

    def _predictions(self, rows: Rows, results: list[Any]) -> tuple[list[Any], ...]:
        if not self._labels:
            return (list(map(float, results)),)
        shares = self._model.answer(rows, with_probabilities=True).probability_array()
        return [self._labels[position] for position in results], np.asarray(shares).tolist()

    def _requests(self, parts: Sequence[Part]) -> Iterator[Sequence[Any]]:
        """Yield the columns that a request's rows have in common, and their positions."""
        lengths = [len(noted[-1][1]) for noted, _ in parts]
        common: Any = zip(*(noted[:4] for noted, _ in parts), strict=True)
        times, ids, endpoints, durations_s = common
        n_rows, (name, version) = sum(lengths), self._named
        yield _repeated([datetime.fromtimestamp(time_s, UTC) for time_s in times], lengths)
        yield _repeated([each.decode() for each in ids], lengths)
        yield list(chain.from_iterable(range(first, first + n) for (_, first), n in zip(parts, lengths, strict=True)))
        yield [name] * n_rows
        yield [version] * n_rows
        yield _repeated(endpoints, lengths)
        yield _repeated(np.round(durations_s, 7).tolist(), lengths)

    def _tell_unknown(self, records: list[Record], rows: Rows) -> list[Record]:
        for column, name in self._open:
            for row in np.flatnonzero(rows[:, column] == UNKNOWN).tolist():
                records[row].unknown += (name,)
        return records


def parts_of(noted: Sequence[Noted], most_rows: int) -> Iterator[list[Part]]:
    """Yield what was noted in lists of parts, each with at most so many rows."""
    parts: list[Part] = []
    n_rows = 0
    for each in noted:
        *head, (rows, results) = each
        for first in range(0, len(results), most_rows):
            stop = min(first + most_rows, len(results))
            if n_rows + stop - first > most_rows:
                yield parts
                parts, n_rows = [], 0
            part: Any = each if stop - first == len(results) else (*head, (rows[first:stop], results[first:stop]))
            parts.append((part, first))
            n_rows += stop - first
    if parts:
        yield parts


def _rows_of(parts: Sequence[Part]) -> Rows:
    """Return the rows of several requests, which came as lists or as arrays, in one array."""
    if len(parts) == 1:
        return np.asarray(parts[0][0][-1][0], np.float64)
    if all(type(noted[-1][0]) is list for noted, _ in parts):
        lists = chain.from_iterable(noted[-1][0] for noted, _ in parts)
        n_rows = sum(len(noted[-1][1]) for noted, _ in parts)
        return np.fromiter(chain.from_iterable(lists), np.float64).reshape(n_rows, -1)
    return np.concatenate([np.asarray(noted[-1][0], np.float64) for noted, _ in parts])


def _repeated(values: Sequence[Any], lengths: Sequence[int]) -> Sequence[Any]:
    if sum(lengths) == len(lengths):
        return values
    return list(chain.from_iterable([value] * n for value, n in zip(values, lengths, strict=True)))


def _column_of(feature: Feature) -> Callable[[Any], list[Any]]:
    """Return what makes a column's values, as a client sends them, of what rows hold."""
    if not feature.categories:
        return lambda column: column.tolist()  # msgspec writes NaN as null
    labels = np.empty(len(feature.categories) + 2, object)  # after them None for what is missing, and for UNKNOWN, -1
    labels[: len(feature.categories)] = feature.categories

    def values(column: Any) -> list[Any]:
        codes = np.where(np.isnan(column), len(labels) - 2, column).astype(np.intp)
        found: list[Any] = labels[codes].tolist()
        return found

    return values
