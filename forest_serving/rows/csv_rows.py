"""Rows as lines of comma-separated values, with or without a first line of names."""

import csv
from collections.abc import Sequence
from io import StringIO

import numpy as np

from forest_serving.card import Value
from forest_serving.errors import InvalidInstances, TooManyRows
from forest_serving.rows.columns import Columns
from forest_serving.rows.csv_head import has_names
from forest_serving.rows.json_arrays import JsonArrayReader
from forest_serving.rows.numbers import FEW_ROWS, Row, Rows, as_rows
from forest_serving.rows.values import Refused
from forest_serving.settings import Settings

_BOM = b"\xef\xbb\xbf"
_NAMELESS = (b",", b'"",')


class CsvReader:
    """Reads lines of values; an empty field is a missing value.

    Args:
        columns: the model's.
        arrays: reads many rows.
        settings: the limits on rows and bytes.
    """

    def __init__(self, columns: Columns, arrays: JsonArrayReader, settings: Settings) -> None:
        self.columns = columns
        self.arrays = arrays
        self.max_rows, self.max_bytes = settings.max_rows, settings.max_body_bytes
        self._max_lines = self.max_rows * (1 + columns.most("\n")) + 100

    def read(self, body: bytes) -> Rows:
        """Return the rows, in the order of the features.

        Raises:
            InvalidInstances: naming the row and column that is wrong.
            TooManyRows: if there are more rows than allowed.
        """
        if len(body) > self.max_bytes or body.count(b"\n") > self._max_lines:
            limits = f"{self.max_rows:,} rows (FOREST_MAX_ROWS) and {self.max_bytes:,} bytes (FOREST_MAX_BODY_BYTES)"
            raise TooManyRows(f"CSV may have {limits}; send fewer rows at a time.")
        body = body.removeprefix(_BOM).replace(b"\r\n", b"\n").strip(None if self.columns.are_numbers else b"\r\n")
        is_named = self.has_names(body)
        has_index = is_named and body.startswith(_NAMELESS)  # a data frame's, which pandas writes there without a name
        if self.columns.are_numbers and not (has_index and self.columns.take_gaps):
            return self._read_numbers(_without_first(body) if has_index else body, is_named)
        lines = _cells(body)
        if not is_named:
            return self._read_cells(lines, None)
        lines = [cells[1:] for cells in lines] if has_index else lines
        return self._read_cells(lines[1:], self._order_of(lines))

    def has_names(self, body: bytes) -> bool:
        """Return whether the first line names the columns: not all can be values, or they are the columns' names."""
        return has_names(body.removeprefix(_BOM), self.columns)

    def _read_numbers(self, body: bytes, is_named: bool) -> Rows:
        order = None
        if is_named:
            line, _, body = body.partition(b"\n")
            order = self._order_of(_cells(line))
        # Plain numbers, as JSON writes them, are read as JSON.
        is_plain = b"]" not in body and b"\r" not in body  # which JSON would take for the end of a row, and for a space
        content = b"[[" + body.replace(b"\n", b"],[") + b"]]" if is_plain else b""
        array = self.arrays.read_numbers(content, self.max_rows, order)
        return self._read_cells(_cells(body), order) if array is None else array

    def _order_of(self, lines: list[list[str]]) -> list[int]:
        return self.columns.order_of([name.strip() for name in next(iter(lines), [])])

    def _read_cells(self, lines: list[list[str]], order: Sequence[int] | None) -> Rows:
        """Return the rows of lines in which feature number i stands at order[i]."""
        if not lines:
            raise InvalidInstances("There is no row of numbers; send one a line.")
        if len(lines) > self.max_rows:
            raise TooManyRows(f"A request may hold {self.max_rows:,} rows (FOREST_MAX_ROWS); send fewer at a time.")
        for row, cells in enumerate(lines):
            if len(cells) != len(self.columns):
                sentence = f"Each line needs {self.columns.values}; row {row} has {len(cells)}."
                raise InvalidInstances(sentence, (row,))
        order = range(len(self.columns)) if order is None else order
        try:
            return self._by_column(lines, order)
        except Refused:
            return as_rows([self._row(cells, row, order) for row, cells in enumerate(lines)])

    def _by_column(self, lines: list[list[str]], order: Sequence[int]) -> Rows:
        """Return good rows: of categories, each text is looked at once."""
        texts = list(zip(*lines, strict=True))
        found = []
        for place, column in zip(order, self.columns.all, strict=True):
            if column.codes:
                codes = {text: column.parse_text(text) for text in set(texts[place])}
                found.append([codes[text] for text in texts[place]])
            else:
                found.append([column.parse_text(text) for text in texts[place]])
        if len(lines) <= FEW_ROWS:
            return list(map(list, zip(*found, strict=True)))
        return np.array(found, np.float64).T.copy()

    def _row(self, cells: list[str], row: int, order: Sequence[int]) -> Row:
        """Return a row that may be good, or find its first fault."""
        values: dict[int, float] = {}
        for place, position in sorted(zip(order, range(len(order)), strict=True)):  # as they were sent
            try:
                values[position] = self.columns.all[position].parse_text(cells[place])
            except Refused as refused:
                if not self.columns.are_plain:
                    raise self.columns.refusal(refused, row, position) from None
                sentence = f"Row {row}, column {place} is not a finite number below 3.4e38."
                raise InvalidInstances(sentence, (row, place)) from None
        return [values[position] for position in range(len(order))]


def csv_line(values: Sequence[Value]) -> str:
    """Return a row's values as a line, without its end."""
    text = StringIO()
    csv.writer(text, lineterminator="").writerow(str(v).lower() if isinstance(v, bool) else v for v in values)
    return text.getvalue()


def _without_first(body: bytes) -> bytes:
    """Return lines without their first cell."""
    # A line of one cell stays, to be refused: as an empty one it would be passed over.
    return b"\n".join(line.partition(b",")[2] or line for line in body.split(b"\n"))


def _cells(body: bytes) -> list[list[str]]:
    """Return the cells of each line that is not empty."""
    try:
        return [cells for cells in csv.reader(StringIO(body.decode()), strict=True) if cells]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInstances(f"The body cannot be read as CSV in UTF-8: {str(error)[:100]}.") from None
