"""Rows of which each is good or bad by itself, as in a table that somebody dropped: a bad one costs only itself."""

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

import numpy as np

from forest_serving.errors import InvalidInstances
from forest_serving.rows.columns import Columns
from forest_serving.rows.doubled_names import refuse_doubled_names
from forest_serving.rows.json_body import read_value
from forest_serving.rows.numbers import Array, Row
from forest_serving.rows.records import unnamed
from forest_serving.rows.values import Refused
from forest_serving.rows.words import kind_of

_TURN_VALUES = 2_000  # whose reading takes about half a millisecond
_FAULT_VALUES = 10  # which a row's fault takes as long to be told as
_MOST_GUESSES = 20  # in one list, as each can take 3 ms


class Apart(NamedTuple):
    """What became of a list's rows.

    Attributes:
        rows: the good ones, shape (n_good_rows, n_features).
        faults: of each row a sentence that says what is wrong with it, or an empty text.
    """

    rows: Array
    faults: list[str]


class RowsApart:
    """Reads the rows of one list.

    Args:
        columns: the model's.
        example: a request that works, for errors.
    """

    def __init__(self, columns: Columns, example: str) -> None:
        self._columns, self._example = columns, example
        self._n_faults = 0

    def read(self, texts: Sequence[bytes]) -> Generator[None, None, Apart]:
        """Read the JSON texts of rows, lists of values or records {column: value}; yield once in a millisecond.

        Raises:
            MalformedJson: if a text is not JSON.
            InvalidInstances: if a record has a name twice.
        """
        n_turn, n_features = max(1, _TURN_VALUES // (len(self._columns) + _FAULT_VALUES)), len(self._columns)
        arrays: list[Array] = []
        faults: list[str] = []
        for start in range(0, len(texts), n_turn):
            found = list(map(self._row_or_fault, _values_in(texts[start : start + n_turn], self._example)))
            faults += [each if isinstance(each, str) else "" for each in found]
            good = [each for each in found if not isinstance(each, str)]
            arrays.append(np.array(good, np.float64).reshape(-1, n_features))
            yield
        return Apart(np.concatenate(arrays), faults)

    def _row_or_fault(self, instance: Any) -> Row | str:
        row: list[float] = []
        try:
            for value, column in zip(self._values(instance), self._columns.all, strict=True):
                row.append(column.parse(value))
        except Refused as refused:
            self._n_faults += 1
            return self._told(refused, len(row))
        except InvalidInstances as error:
            self._n_faults += 1
            return error.message
        return row

    def _values(self, instance: Any) -> list[Any]:
        """Return as many values as a row has; raise InvalidInstances if it has others, or is no row."""
        if isinstance(instance, dict):
            if self._n_faults >= _MOST_GUESSES and not all(name in self._columns for name in instance):
                raise InvalidInstances(f"A column is unknown; send {self._columns.listed}.")
            (instance,) = unnamed([instance], self._columns, ())
        if not isinstance(instance, list):
            raise InvalidInstances(f"The row is {kind_of(instance)}; write it as a list.")
        if len(instance) != len(self._columns):
            raise InvalidInstances(f"The row has {len(instance)}; it needs {self._columns.values}.")
        return instance

    def _told(self, refused: Refused, position: int) -> str:
        why = str(refused) if self._n_faults <= _MOST_GUESSES else refused.words
        return f'"{self._columns.features[position].name}"{why}{"" if why.endswith("?") else "."}'


def _values_in(texts: Sequence[bytes], example: str) -> list[Any]:
    content = b"[%b]" % b",".join(texts)
    found: list[Any] = read_value(content, example)
    if any(isinstance(each, dict) for each in found):
        refuse_doubled_names(content, found)
    return found
