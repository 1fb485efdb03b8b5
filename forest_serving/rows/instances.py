"""The one place that decides whether a value is rows that the model can answer for."""

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import Annotated, Any

import msgspec

from forest_serving.card import Card
from forest_serving.errors import InvalidInstances, Loc
from forest_serving.rows.columns import Columns
from forest_serving.rows.numbers import FEW_ROWS, Array, Row, Rows, as_rows, number_type
from forest_serving.rows.records import unnamed
from forest_serving.rows.values import Refused
from forest_serving.rows.words import kind_of


class InstanceReader:
    """Reads rows out of Python's values: lists, records, arrays, data frames.

    Args:
        card: the model's.
    """

    def __init__(self, card: Card) -> None:
        self.columns = Columns(card)
        self._rows_type = self._sure_rows()

    def read(self, instances: object, field: str = "instances", first_row: int = 0) -> Rows:
        """Return the rows.

        Args:
            instances: a list of rows or of records {column: value}; anything with NumPy's array interface, of shape
                (n_rows, n_features); or a data frame, whose columns are matched by name. A number is an int or a
                float; integers are rounded to the nearest double, as JSON readers do. A category is its label. A
                missing value is None, NaN, or what pandas has for them.
            field: what the errors call the list; empty for a list that is the whole body.
            first_row: what they call the list's first row.

        Raises:
            InvalidInstances: naming the first fault's position; values that their column does not take, ragged and
                empty rows and an empty list are faults.
        """
        if hasattr(instances, "columns") and hasattr(instances, "to_numpy"):
            return self._read_frame(instances, field)
        if hasattr(instances, "__array__"):
            return self._read_array(instances, field)
        place: Loc = (field,) if field else ()
        name = f'"{field}"' if field else "The body"
        if not isinstance(instances, list | tuple):
            raise InvalidInstances(f"{name} must be a list of rows, not {kind_of(instances)}.", place)
        if not instances:
            raise InvalidInstances(f"{name} is empty; send at least one row.", place)
        if isinstance(instances[0], dict):
            instances = unnamed(instances, self.columns, place, first_row)
        return as_rows(self._rows_of(instances, place, first_row))

    def _rows_of(self, instances: Sequence[Any], place: Loc, first_row: int) -> list[Row]:
        """Return the rows of lists, which may be no lists; those that are surely good without a look at each value."""
        first = self._first_odd_row(instances) if self.columns.are_numbers else 0
        sure = msgspec.convert(instances[:first], self._rows_type) if first else []
        with suppress(Refused, ValueError):  # the latter if not all are equally long
            return [*sure, *self._by_column(instances[first:])]
        numbered = enumerate(instances[first:], first_row + first)
        odd = [self._examine_row(row, (*place, position)) for position, row in numbered]
        return [*sure, *odd]

    def _by_column(self, rows: Sequence[Any]) -> list[Row]:
        """Return good rows; raise Refused or ValueError if one is not."""
        if not {list, tuple}.issuperset(map(type, rows)):
            raise ValueError("another kind of row")
        columns = zip(self.columns.all, zip(*rows, strict=True), strict=True)
        return list(map(list, zip(*(map(column.parse, values) for column, values in columns), strict=True)))

    def _sure_rows(self) -> Any:
        """Return the type of rows that are surely good: of numbers that all columns take."""
        features, n_features = self.columns.features, len(self.columns)
        number: Any = number_type(max(f.lowest for f in features), min(f.highest for f in features))
        row: Any = Annotated[list[number], msgspec.Meta(min_length=n_features, max_length=n_features)]
        return list[row]

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
            kinds = {array.dtype[name].kind for name in array.dtype.names}
            values = np.array(array.tolist(), None if kinds <= set("biuf") else object)
            return self._read_named(array.dtype.names, values, field)
        if array.dtype.kind in "mM":
            raise InvalidInstances(f"{self.columns.rule}; the values are dates or times.", (field,))
        is_fit = array.ndim == 2 and array.shape[1] == len(self.columns) and len(array)
        if is_fit and array.dtype.kind in "iuf" and self.columns.are_numeric:
            doubles: Array = self._matrix.encoded(array.astype(np.float64))
            if not np.isinf(doubles).any():
                return doubles if len(doubles) > FEW_ROWS else as_rows(doubles.tolist())
        return self.read(array.tolist(), field)

    @cached_property
    def _matrix(self) -> Any:
        from forest_serving.rows.matrix import Matrix  # which needs NumPy

        return Matrix(self.columns.all)

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
            raise self.columns.fault(f"row {place[-1]} is {kind_of(row)}; write it as a list", place)
        if len(row) != len(self.columns):
            raise self.columns.fault(f"row {place[-1]} has {len(row)}", place)
        found: list[float] = []
        try:
            for value, column in zip(row, self.columns.all, strict=True):
                found.append(column.parse(value))
        except Refused as refused:
            raise self.columns.refusal(refused, int(place[-1]), len(found), place) from None
        return found
