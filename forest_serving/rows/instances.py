"""The one place that decides whether a value is rows of numbers that the model can answer for."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

import msgspec

from forest_serving.card import Card
from forest_serving.errors import InvalidInstances, Loc
from forest_serving.rows.columns import Columns
from forest_serving.rows.numbers import DOMAIN_LIMIT, FEW_ROWS, Array, Number, Row, Rows, as_rows
from forest_serving.rows.records import unnamed

_KINDS = {bool: "a boolean", str: "a string", list: "a list", tuple: "a list", dict: "an object", type(None): "null"}


class InstanceReader:
    """Reads rows out of Python's values: lists, records, arrays, data frames.

    Args:
        card: the model's.
    """

    def __init__(self, card: Card) -> None:
        self.columns = Columns(card)
        n_features = len(self.columns)
        row = Annotated[list[Number], msgspec.Meta(min_length=n_features, max_length=n_features)]
        self._rows_type: Any = list[row]

    def read(self, instances: object, field: str = "instances") -> Rows:
        """Return the rows.

        Args:
            instances: a list of rows or of records {column: number}; anything with NumPy's array interface, of shape
                (n_rows, n_features); or a data frame, whose columns are matched by name. Each value is an int or a
                float with an absolute value below DOMAIN_LIMIT. Integers are rounded to the nearest double, as JSON
                readers do.
            field: what the errors call the list; empty for a list that is the whole body.

        Raises:
            InvalidInstances: naming the first fault's position; booleans, strings, NaN, infinities, ragged and empty
                rows and an empty list are faults.
        """
        if hasattr(instances, "columns") and hasattr(instances, "to_numpy"):
            return self._read_frame(instances, field)
        if hasattr(instances, "__array__"):
            return self._read_array(instances, field)
        place: Loc = (field,) if field else ()
        name = f'"{field}"' if field else "The body"
        if not isinstance(instances, list | tuple):
            raise InvalidInstances(f"{name} must be a list of rows, not {_kind(instances)}.", place)
        if not instances:
            raise InvalidInstances(f"{name} is empty; send at least one row.", place)
        if isinstance(instances[0], dict):
            instances = unnamed(instances, self.columns, place)
        first = self._first_odd_row(instances)
        odd = [self._examine_row(row, (*place, position)) for position, row in enumerate(instances[first:], first)]
        return as_rows([*msgspec.convert(instances[:first], self._rows_type), *odd])

    def _read_frame(self, frame: Any, field: str) -> Rows:
        """Return a data frame's rows; one whose columns are only numbered is taken by position, as an array is."""
        names = list(frame.columns)
        if names == list(range(len(self.columns))):
            return self._read_array(frame.to_numpy(), field)
        return self._read_named(names, frame.to_numpy(), field)

    def _read_named(self, names: Sequence[object], values: Any, field: str) -> Rows:
        order = self.columns.order_of(names, (field,))
        return self._read_array(values[:, order], field)

    def _read_array(self, array: Any, field: str) -> Rows:
        import numpy as np  # only callers in Python pass arrays; a server's supervisor need not load NumPy

        array = np.asarray(array)
        if array.dtype.names:
            return self._read_named(array.dtype.names, np.array(array.tolist()), field)
        if array.dtype.kind in "mM":
            raise InvalidInstances(f"{self.columns.rule}; the values are dates or times.", (field,))
        if array.dtype.kind in "iuf" and array.ndim == 2 and array.shape[1] == len(self.columns) and len(array):
            doubles: Array = array.astype(np.float64)
            if np.abs(doubles).max() < DOMAIN_LIMIT:
                return doubles if len(doubles) > FEW_ROWS else as_rows(doubles.tolist())
        return self.read(array.tolist(), field)

    def _first_odd_row(self, instances: Sequence[object]) -> int:
        """Return the position of the first row that is not surely good; looking closely at every row would be slow."""
        if not {list, tuple}.issuperset(map(type, instances)):
            return 0  # msgspec would take a set for a row
        try:
            return len(msgspec.convert(instances, self._rows_type))
        except msgspec.ValidationError as error:
            place = re.search(r"at `\$\[([0-9]+)\]", str(error))
            return int(place[1]) if place else 0

    def _examine_row(self, row: object, place: Loc) -> Row:
        """Return a row that may be good, or find its first fault."""
        if not isinstance(row, list | tuple):
            raise self._fault(f"row {place[-1]} is {_kind(row)}; write it as a list", place)
        if len(row) != len(self.columns):
            raise self._fault(f"row {place[-1]} has {len(row)}", place)
        return [self._parse_number(value, place, column) for column, value in enumerate(row)]

    def _parse_number(self, value: object, place: Loc, column: int) -> float:
        words = f"row {place[-1]}, number {column} ({self.columns.features[column].name})"
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._fault(f"{words} is {_kind(value)}", (*place, column))
        with suppress(ArithmeticError):  # an integer beyond all doubles
            if -DOMAIN_LIMIT < float(value) < DOMAIN_LIMIT:  # after rounding to a double, which can reach the limit
                return float(value)
        raise self._fault(f"{words} is NaN, infinite or beyond ±3.4e38", (*place, column))

    def _fault(self, fault: str, place: Loc) -> InvalidInstances:
        return InvalidInstances(f"{self.columns.rule}; {fault}.", place)


def _kind(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "a number"
    return _KINDS.get(type(value), f"a {type(value).__name__}")
