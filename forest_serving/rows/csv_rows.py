"""Rows as lines of comma-separated values, with or without a first line of names, read piece by piece."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import islice

import numpy as np

from forest_serving.card import Value
from forest_serving.errors import BodyTooLarge, InvalidInstances
from forest_serving.rows.columns import Columns
from forest_serving.rows.csv_head import has_names
from forest_serving.rows.few_rows import FewRows
from forest_serving.rows.json_arrays import JsonArrayReader
from forest_serving.rows.numbers import FEW_ROWS, Row, Rows, as_rows
from forest_serving.rows.pieces import PIECE_BYTES, Reading, pieces, read_pieces
from forest_serving.rows.values import Refused
from forest_serving.settings import Settings
from forest_serving.turns import at_once

_BOM = b"\xef\xbb\xbf"
_NAMELESS = (b",", b'"",')
_BATCH_CELLS = 2000  # of lines with quotes or categories, which take a millisecond


class CsvReader:
    """Reads lines of values; an empty field is a missing value.

    Args:
        columns: the model's.
        few: reads few rows.
        arrays: reads many rows.
        settings: the limit on bytes.
    """

    def __init__(self, columns: Columns, few: FewRows, arrays: JsonArrayReader, settings: Settings) -> None:
        self.columns = columns
        self._read_list, self._reads_few = few.read_list, columns.are_numbers and not columns.are_called_by_numbers
        self.arrays = arrays
        self.max_bytes = settings.max_body_bytes
        self._batch_rows = max(1, _BATCH_CELLS // len(columns))

    def read_few(self, body: bytes) -> Rows | None:
        """Return the rows of a short body that is surely numbers without names, as JSON writes them; else None."""
        lines = body.strip()
        # JSON takes "]" for the end of a row, a carriage return for a space, and null for a gap.
        if b"]" in lines or b"\r" in lines or b"n" in lines or not self._reads_few:
            return None
        return self._read_list(b"[[" + lines.replace(b"\n", b"],[") + b"]]")

    def read(self, body: bytes) -> Rows:
        """Return the rows of a short body; see reading."""
        return at_once(self.reading(body))

    def reading(self, body: bytes) -> Reading:
        """Read the rows piece by piece, in the order of the features.

        Raises:
            InvalidInstances: naming the row and column that is wrong.
            BodyTooLarge: if there are more bytes than allowed.
        """
        if len(body) > self.max_bytes:
            limit = f"{self.max_bytes:,} bytes (FOREST_MAX_BODY_BYTES)"
            raise BodyTooLarge(f"CSV may have {limit}; send fewer rows at a time.")
        body = body.removeprefix(_BOM).replace(b"\r\n", b"\n").strip(None if self.columns.are_numbers else b"\r\n")
        is_named = self.has_names(body)
        has_index = is_named and body.startswith(_NAMELESS)  # a data frame's, which pandas writes there without a name
        # Of one number that may be missing, a line without its index can be empty.
        is_plain = self.columns.are_numbers and b'"' not in body and not (has_index and self.columns.take_gaps)
        rows = yield from (self._numbers if is_plain else self._cells)(body, is_named, has_index)
        if not len(rows):
            raise InvalidInstances("There is no row of numbers; send one a line.")
        return rows

    def has_names(self, body: bytes) -> bool:
        """Return whether the first line names the columns: not all can be values, or they are the columns' names."""
        return has_names(body.removeprefix(_BOM), self.columns)

    def _numbers(self, body: bytes, is_named: bool, has_index: bool) -> Reading:
        """Read lines of numbers that no rules of quoting are needed for."""
        order = None
        if is_named:
            line, _, body = body.partition(b"\n")
            order = self._order_of(line.decode("utf-8", "replace").split(","), has_index)

        def read(piece: bytes, first_row: int) -> Rows:
            piece = _without_first(piece.strip(b"\n")) if has_index else piece.strip(b"\n")
            # Plain numbers, as JSON writes them, are read as JSON, which takes "]" for the end of a row, and a carriage
            # return for a space.
            is_plain = b"]" not in piece and b"\r" not in piece
            content = b"[[" + piece.replace(b"\n", b"],[") + b"]]" if is_plain else b""
            array = self.arrays.read_numbers(content, len(content), order)
            return self._read_cells(list(_lines(piece)), order, first_row) if array is None else array

        return (yield from read_pieces(pieces(body, b"\n"), read)) if len(body) > PIECE_BYTES else read(body, 0)

    def _cells(self, body: bytes, is_named: bool, has_index: bool) -> Reading:
        """Read lines by the rules of quoting."""
        all_lines = _lines(body)
        order = self._order_of(next(all_lines, []), has_index) if is_named else None
        batches = iter(lambda: list(islice(all_lines, self._batch_rows)), [])

        def read(lines: list[list[str]], first_row: int) -> Rows:
            return self._read_cells([cells[1:] for cells in lines] if has_index else lines, order, first_row)

        return read_pieces(batches, read)

    def _order_of(self, names: Sequence[str], has_index: bool) -> list[int]:
        return self.columns.order_of([name.strip() for name in names[1 if has_index else 0 :]])

    def _read_cells(self, lines: list[list[str]], order: Sequence[int] | None, first_row: int) -> Rows:
        """Return the rows of lines in which feature number i stands at order[i]."""
        for row, cells in enumerate(lines, first_row):
            if len(cells) != len(self.columns):
                sentence = f"Each line needs {self.columns.values}; row {row} has {len(cells)}."
                raise InvalidInstances(sentence, (row,))
        order = range(len(self.columns)) if order is None else order
        try:
            return self._by_column(lines, order) if lines else []
        except Refused:
            return as_rows([self._row(cells, row, order) for row, cells in enumerate(lines, first_row)])

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


def _lines(body: bytes) -> Iterator[list[str]]:
    """Return the cells of each line that is not empty."""
    try:
        yield from filter(None, csv.reader(StringIO(body.decode()), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInstances(f"The body cannot be read as CSV in UTF-8: {str(error)[:100]}.") from None
