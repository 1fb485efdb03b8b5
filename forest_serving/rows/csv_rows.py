"""Rows as lines of comma-separated values, with or without a first line of names."""

import csv
from typing import Any

from forest_serving.errors import InvalidInstances, TooManyRows
from forest_serving.rows.columns import order_of
from forest_serving.rows.json_arrays import read_list
from forest_serving.schema import DOMAIN_LIMIT, FEATURES
from forest_serving.settings import Settings

_BOM = b"\xef\xbb\xbf"
_NAMELESS = (b",", b'"",')


def has_names(body: bytes) -> bool:
    """Return whether the first line is not all numbers, and so names the columns."""
    line = body[:10_000].removeprefix(_BOM).lstrip().partition(b"\n")[0]
    return bool(line) and any(_number(cell.strip(b' "\r\t').decode("latin-1")) is None for cell in line.split(b","))


def read_csv(body: bytes, settings: Settings) -> Any:
    """Return the rows, in the order of the schema: lists of floats, or an array.

    Raises:
        InvalidInstances: naming the row and column that is wrong.
        TooManyRows: if there are more rows than allowed.
    """
    if len(body) > settings.max_body_bytes or body.count(b"\n") > settings.max_rows + 100:
        raise TooManyRows(f"CSV may have {settings.max_rows:,} rows and {settings.max_body_bytes:,} bytes.")
    body = body.removeprefix(_BOM).replace(b"\r\n", b"\n").strip()
    order = None
    if has_names(body):
        body = _without_index(body) if body.startswith(_NAMELESS) else body
        line, _, body = body.partition(b"\n")
        order = order_of([name.strip() for name in next(iter(_cells(line)), [])])
    # Plain numbers, as JSON writes them, are read as JSON.
    array = read_list(b"[[" + body.replace(b"\n", b"],[") + b"]]", settings.max_rows)
    if array is not None and b"]" not in body:
        return array if order is None else array[:, order]
    rows = _slow_rows(body, settings)
    return rows if order is None else [[row[column] for column in order] for row in rows]


def _without_index(body: bytes) -> bytes:
    """Return lines without their first cell: a data frame's index, which pandas writes there without a name."""
    # A line of one cell stays, to be refused: as an empty one it would be passed over.
    return b"\n".join(line.partition(b",")[2] or line for line in body.split(b"\n"))


def _slow_rows(body: bytes, settings: Settings) -> list[list[float]]:
    lines = _cells(body)
    if not lines:
        raise InvalidInstances("There is no row of numbers; send one a line.")
    if len(lines) > settings.max_rows:
        raise TooManyRows(f"A request may hold {settings.max_rows:,} rows; send fewer at a time.")
    return [_row(cells, position) for position, cells in enumerate(lines)]


def _cells(body: bytes) -> list[list[str]]:
    """Return the cells of each line that is not empty."""
    try:
        return [cells for cells in csv.reader(body.decode().split("\n"), strict=True) if cells]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInstances(f"The body cannot be read as CSV in UTF-8: {str(error)[:100]}.") from None


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
