"""Rows whose values have names: a record for each row, or a list for each column."""

from collections.abc import Mapping, Sequence
from typing import Any

from forest_serving.errors import InvalidInstances, Loc
from forest_serving.rows.columns import VECTOR, Columns


def unnamed(records: Sequence[Any], columns: Columns, place: Loc, first_row: int = 0) -> list[Any]:
    """Return the values of records {name: value}, in the order of the features.

    Raises:
        InvalidInstances: if one is no record, or names other columns than there are.
    """
    rows: list[Any] = []
    orders: dict[tuple[str, ...], list[str]] = {}  # a record's names, as they stand → in the features' order
    for position, record in enumerate(records, first_row):
        if not isinstance(record, dict):
            raise InvalidInstances(f"Row {position} is not an object, as row {first_row} is.", (*place, position))
        is_named = VECTOR in columns and not isinstance(record.get(VECTOR), list)
        if len(record) == 1 and VECTOR in record and not is_named:
            rows.append(record[VECTOR])
            continue
        names = tuple(record)
        if names not in orders:
            orders[names] = [names[column] for column in columns.order_of(names, (*place, position))]
        rows.append([record[name] for name in orders[names]])
    return rows


def transposed(lists: Mapping[str, Any], columns: Columns, place: Loc) -> list[list[Any]]:
    """Return the rows of columns {name: values}; a value by itself is a column of one row.

    Raises:
        InvalidInstances: if they are other columns than there are, or not equally long.
    """
    order = columns.order_of(list(lists), place)
    values = [each if isinstance(each, list) else [each] for each in lists.values()]
    if len(set(map(len, values))) != 1:
        lengths = ", ".join(f'"{name}" {len(each)}' for name, each in zip(lists, values, strict=True))
        raise InvalidInstances(f"The columns must be equally long; there are {lengths} values.", place)
    return list(map(list, zip(*(_flat(values[column]) for column in order), strict=True)))


def _flat(values: list[Any]) -> list[Any]:
    """Return a column's values, which may be lists of one value each."""
    if list not in set(map(type, values)):
        return values
    return [value[0] if isinstance(value, list) and len(value) == 1 else value for value in values]
