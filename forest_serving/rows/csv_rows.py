"""Rows as lines of comma-separated values, with or without a first line of names."""

import csv

from forest_serving.errors import InvalidInstances, TooManyRows
from forest_serving.rows.columns import Columns
from forest_serving.rows.json_arrays import JsonArrayReader
from forest_serving.rows.numbers import DOMAIN_LIMIT, Row, Rows, as_rows, reordered
from forest_serving.settings import Settings

_BOM = b"\xef\xbb\xbf"
_NAMELESS = (b",", b'"",')
_LINE_BYTES = 10_000  # of the first line, which say whether it is one of names


class CsvReader:
    """Reads lines of numbers.

    Args:
        columns: the model's.
        arrays: reads many rows.
        settings: the limits on rows and bytes.
    """

    def __init__(self, columns: Columns, arrays: JsonArrayReader, settings: Settings) -> None:
        self.columns = columns
        self.arrays = arrays
        self.max_rows, self.max_bytes = settings.max_rows, settings.max_body_bytes

    def read(self, body: bytes) -> Rows:
        """Return the rows, in the order of the features.

        Raises:
            InvalidInstances: naming the row and column that is wrong.
            TooManyRows: if there are more rows than allowed.
        """
        if len(body) > self.max_bytes or body.count(b"\n") > self.max_rows + 100:
            limits = f"{self.max_rows:,} rows (FOREST_MAX_ROWS) and {self.max_bytes:,} bytes (FOREST_MAX_BODY_BYTES)"
            raise TooManyRows(f"CSV may have {limits}; send fewer rows at a time.")
        body = body.removeprefix(_BOM).replace(b"\r\n", b"\n").strip()
        order = None
        if self.has_names(body):
            body = _without_index(body) if body.startswith(_NAMELESS) else body
            line, _, body = body.partition(b"\n")
            order = self.columns.order_of([name.strip() for name in next(iter(_cells(line)), [])])
        # Plain numbers, as JSON writes them, are read as JSON.
        is_plain = b"]" not in body and b"\r" not in body  # which JSON would take for the end of a row, and for a space
        array = self.arrays.read_list(b"[[" + body.replace(b"\n", b"],[") + b"]]", self.max_rows) if is_plain else None
        rows = as_rows(self._slow_rows(body)) if array is None else array
        return rows if order is None else reordered(rows, order)

    def has_names(self, body: bytes) -> bool:
        """Return whether the first line names the columns: not all are numbers, or they are the columns' names."""
        line = body[:_LINE_BYTES].removeprefix(_BOM).lstrip().partition(b"\n")[0]
        if len(line) > _LINE_BYTES - 10:
            line = line.rpartition(b",")[0]  # perhaps a number was cut
        cells = [cell.strip(b' "\r\t').decode("utf-8", "replace") for cell in line.split(b",")]
        are_names = {cell in self.columns for cell in cells} == {True}
        return bool(line) and (are_names or any(_number(cell) is None for cell in cells))

    def _slow_rows(self, body: bytes) -> list[Row]:
        lines = _cells(body)
        if not lines:
            raise InvalidInstances("There is no row of numbers; send one a line.")
        if len(lines) > self.max_rows:
            raise TooManyRows(f"A request may hold {self.max_rows:,} rows (FOREST_MAX_ROWS); send fewer at a time.")
        return [self._row(cells, position) for position, cells in enumerate(lines)]

    def _row(self, cells: list[str], position: int) -> Row:
        if len(cells) != len(self.columns):
            sentence = f"Each line needs {len(self.columns)} numbers; row {position} has {len(cells)}."
            raise InvalidInstances(sentence, (position,))
        return [_finite(cell, position, column) for column, cell in enumerate(cells)]


def _without_index(body: bytes) -> bytes:
    """Return lines without their first cell: a data frame's index, which pandas writes there without a name."""
    # A line of one cell stays, to be refused: as an empty one it would be passed over.
    return b"\n".join(line.partition(b",")[2] or line for line in body.split(b"\n"))


def _cells(body: bytes) -> list[list[str]]:
    """Return the cells of each line that is not empty."""
    try:
        return [cells for cells in csv.reader(body.decode().split("\n"), strict=True) if cells]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInstances(f"The body cannot be read as CSV in UTF-8: {str(error)[:100]}.") from None


def _finite(cell: str, position: int, column: int) -> float:
    number = _number(cell)
    if number is None or not -DOMAIN_LIMIT < number < DOMAIN_LIMIT:
        sentence = f"Row {position}, column {column} is not a finite number below 3.4e38."
        raise InvalidInstances(sentence, (position, column))
    return number


def _number(cell: str) -> float | None:
    """Return a cell's number; None for names, and for what only Python takes for a number."""
    try:
        return float(cell) if cell.isascii() and "_" not in cell else None
    except ValueError:
        return None
