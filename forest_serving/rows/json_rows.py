"""Rows in a JSON text: lists of values, records {name: value}, or columns {name: values}."""

from collections.abc import Sequence
from functools import lru_cache

from forest_serving.errors import Loc, TooManyRows
from forest_serving.rows.doubled_names import refuse_doubled_names
from forest_serving.rows.few_rows import FewRows
from forest_serving.rows.instances import InstanceReader
from forest_serving.rows.json_arrays import JsonArrayReader
from forest_serving.rows.json_body import read_value
from forest_serving.rows.numbers import FEW_BYTES, Rows, reordered
from forest_serving.rows.records import transposed
from forest_serving.rows.typed_records import TypedRecords
from forest_serving.rows.typed_rows import TypedRows

_KEPT_ORDERS = 16  # in which clients name columns


class JsonReader:
    """Reads rows that stand somewhere in a body.

    Args:
        instances: what decides about the rows.
        few: reads few of them.
        arrays: reads many of them.
        max_rows: the most that are taken.
        example: rows in JSON, for errors.
    """

    def __init__(
        self, instances: InstanceReader, few: FewRows, arrays: JsonArrayReader, max_rows: int, example: str
    ) -> None:
        self.instances = instances
        self.columns = instances.columns
        self.few = few
        self.arrays = arrays
        self.max_rows = max_rows
        self.example = example
        self._records = TypedRecords(self.columns, max_rows)
        self._in_order = lru_cache(_KEPT_ORDERS)(lambda order: TypedRows([self.columns.all[n] for n in order]))

    def read(self, content: bytes, field: str, example: str = "", first_row: int = 0) -> Rows:
        """Return the rows in a JSON text.

        Args:
            content: the text.
            field: where it stood in the body, for errors; empty if it is the body.
            example: what to send, for errors; by default rows.
            first_row: what errors call the first row.

        Raises:
            MalformedJson: if the text is not JSON.
            InvalidInstances: if it is nothing of what the module says, or a column does not take a value.
            TooManyRows: if there are more rows than allowed.
        """
        rows = self.few.read_list(content)
        if rows is None and (len(content) > FEW_BYTES or not self.columns.are_numbers):
            rows = self.arrays.read_list(content, self.max_rows)
            rows = self._records.read(content) if rows is None else rows
        if rows is not None:
            return rows
        value = read_value(content, example or self.example)
        if isinstance(value, dict):
            rows_of_columns = self.checked(transposed(value, self.columns, (field,) if field else ()), field)
            refuse_doubled_names(content, [value])
            return rows_of_columns
        rows_of_list = self.checked(value, field, first_row)
        if isinstance(value, list) and isinstance(value[0], dict):
            refuse_doubled_names(content, value)
        return rows_of_list

    def read_one(self, content: bytes) -> Rows:
        """Return the one row that a JSON text is; see read."""
        return self.checked([read_value(content, self.example)], "")

    def read_named(self, content: bytes, names: Sequence[object], place: Loc) -> Rows:
        """Return the rows in a JSON text, whose columns were named somewhere else in the body.

        Args:
            content: a list of lists.
            names: the columns' names, in the order of the lists.
            place: where the names stood in the body, for errors; the rows stood beside them.

        Raises:
            MalformedJson, InvalidInstances, TooManyRows: as read does, or for the names.
        """
        order = self.columns.order_of(names, place)
        if order == sorted(order):
            return self.read(content, str(place[0]))
        rows = self._fast_named(content, order)
        if rows is not None:
            return rows
        value = read_value(content, self.example)
        if isinstance(value, list):
            value = [[row[n] for n in order] if _is_row(row, len(order)) else row for row in value]
        return self.checked(value, str(place[0]))

    def _fast_named(self, content: bytes, order: Sequence[int]) -> Rows | None:
        """Return the rows of lists in another order, or None if anything is odd."""
        if self.columns.are_numbers or not self.arrays.may_be_few(content, self.max_rows):
            return self.arrays.read_numbers(content, self.max_rows, order)
        sent = tuple(sorted(range(len(order)), key=order.__getitem__))
        rows = self._in_order(sent).read_list(content, self.max_rows)
        return None if rows is None else reordered(rows, order)

    def checked(self, value: object, field: str, first_row: int = 0) -> Rows:
        """Return rows that were given as Python's values; see read."""
        self.check_number(value)
        return self.instances.read(value, field, first_row)

    def check_number(self, value: object) -> None:
        """Raise TooManyRows if a list is longer than allowed."""
        if isinstance(value, list) and len(value) > self.max_rows:
            raise TooManyRows(f"A request may hold {self.max_rows:,} rows (FOREST_MAX_ROWS); send fewer at a time.")


def _is_row(value: object, n_values: int) -> bool:
    return isinstance(value, list) and len(value) == n_values
