"""Whether the first line of CSV names the columns."""

import csv

from forest_serving.rows.columns import OF_NUMBERS, Columns
from forest_serving.rows.values import number_in

_LINE_BYTES = 10_000  # of the first line, which say whether it is one of names


def has_names(body: bytes, columns: Columns) -> bool:
    """Return whether the first line names the columns.

    It does if all of it are names; of plain numbers also if one is no number; of other columns if one is the name of a
    column, or if none is a number where numbers should be. What has only characters of numbers is a row, and may be a
    wrong one.
    """
    line = body[:_LINE_BYTES].lstrip().partition(b"\n")[0]
    if not (columns.are_called_by_numbers or line.translate(None, OF_NUMBERS)):
        return False
    if len(line) > _LINE_BYTES - 10:
        line = line.rpartition(b",")[0]  # perhaps a value was cut
    cells = [cell.strip(' "\r\t') for cell in _cells(line.decode("utf-8", "replace"), columns)]
    if not line or not cells:
        return False
    if {cell in columns for cell in cells} == {True}:
        return True
    if columns.are_plain:
        return any(number_in(cell) is None for cell in cells)
    values = list(zip(cells, columns.all, strict=False))
    numbers = [cell for cell, column in values if column.is_numeric]
    is_name = any(cell in columns and cell not in column.codes for cell, column in values)
    return is_name or (bool(numbers) and not any(not cell or number_in(cell) is not None for cell in numbers))


def _cells(line: str, columns: Columns) -> list[str]:
    """Return a line's cells, which numbers need no rules of quoting for."""
    if columns.are_numbers:
        return line.split(",")
    try:
        return next(csv.reader([line]), [])
    except csv.Error:  # which the rows' reader tells of
        return []
