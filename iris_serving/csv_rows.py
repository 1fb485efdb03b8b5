"""Rows as lines of comma-separated values, with or without a first line of names."""

import csv
from typing import Any

from iris_serving.columns import order_of
from iris_serving.errors import InvalidInstances, TooManyRows
from iris_serving.many_rows import read_list
from iris_serving.schema import DOMAIN_LIMIT, FEATURES
from iris_serving.settings import Settings


def has_names(body: bytes) -> bool:
    """Return whether the first line is not all numbers, and so names the columns."""
    line = body[:10_000].removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    return any(_number(cell.strip().decode("utf-8", "replace")) is None for cell in line.split(b",")) if line else False


def read_csv(body: bytes, settings: Settings) -> Any:
    """Return the rows, in the order of the schema.

    Raises:
        InvalidInstances: naming the line and column that is wrong.
        TooManyRows: if there are more rows than allowed.
    """
    if len(body) > settings.max_body_bytes or body.count(b"\n") > settings.max_rows + 100:
        raise TooManyRows(f"CSV may have {settings.max_rows:,} rows and {settings.max_body_bytes:,} bytes.")
    named = has_names(body)
    if not named:
        rows = read_list(
            b"[[" + body.rstrip().replace(b"\r\n", b"\n").replace(b"\n", b"],[") + b"]]", settings.max_rows
        )
        if rows is not None:  # plain numbers as JSON writes them
            return rows
    try:
        text = body.decode("utf-8-sig")
        lines = [cells for cells in csv.reader(text.replace("\r\n", "\n").split("\n"), strict=True) if cells]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInstances(f"The body cannot be read as CSV in UTF-8: {str(error)[:100]}.") from None
    order = order_of([name.strip() for name in lines.pop(0)]) if named else list(range(len(FEATURES)))
    if not lines:
        raise InvalidInstances("There is no row of numbers; send one a line.")
    if len(lines) > settings.max_rows:
        raise TooManyRows(f"A request may hold {settings.max_rows:,} rows; send fewer at a time.")
    numbers = [_row(cells, position) for position, cells in enumerate(lines)]
    return [[row[column] for column in order] for row in numbers]


def _row(cells: list[str], position: int) -> list[float]:
    if len(cells) != len(FEATURES):
        raise InvalidInstances(
            f"Each line needs {len(FEATURES)} numbers; row {position} has {len(cells)}.", (position,)
        )
    row = []
    for column, cell in enumerate(cells):
        number = _number(cell)
        if number is None or not -DOMAIN_LIMIT < number < DOMAIN_LIMIT:
            raise InvalidInstances(
                f"Row {position}, column {column} is not a finite number below 3.4e38.", (position, column)
            )
        row.append(number)
    return row


def _number(cell: str) -> float | None:
    """Return a cell's number; None for names, and for what only Python takes for a number."""
    try:
        return float(cell) if cell.isascii() and "_" not in cell else None
    except ValueError:
        return None
