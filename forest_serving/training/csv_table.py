"""A CSV file of numbers, with one column of labels: read line by line, so that the first fault is told by its place."""

from array import array
from collections.abc import Callable
from math import isnan
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import HIGHEST
from forest_serving.errors import BadTrainingData
from forest_serving.training.csv_file import CsvFile, open_csv

_FIX_OF_GAP = "Fill it in or drop the line; or fit a model that takes gaps, and store it with forest_serving.save"
_FIX_OF_TEXT = (
    "Write a number, drop the column, or name it with --label if it holds the classes;"
    " or fit a pipeline that takes text, and store it with forest_serving.save"
)

LabelOf = Callable[[list[str]], int]  # the header → the position of the label column


class Table(NamedTuple):
    """What a file holds.

    Attributes:
        path: the file's.
        columns: the header without the label column.
        rows: shape (n_rows, n_columns), all finite.
        label_column: the header of the label column.
        labels: the text of each row's label.
        lines: the number of each row's line in the file.
    """

    path: str
    columns: list[str]
    rows: NDArray[np.float64]
    label_column: str
    labels: list[str]
    lines: NDArray[np.int64]

    def label_place(self, row: int) -> str:
        """Return where the label of a row stands."""
        return f'{self.path}, line {self.lines[row]}, column "{self.label_column[:60]}"'


def read_table(path: Path, label_of: LabelOf, must_name: str = "the columns") -> Table:
    """Read a file, the first line of which names the columns.

    Args:
        path: a CSV file in UTF-8, separated by commas.
        label_of: finds the label column, and refuses a header that does not fit.
        must_name: what the first line should say, for the errors.

    Raises:
        BadTrainingData: naming the file, line and column of the first fault, and the fix.
    """
    with open_csv(path, must_name) as file:
        return _read(file, label_of)


def _read(file: CsvFile, label_of: LabelOf) -> Table:
    path, header = file.path, list(file.header)
    label = label_of(header)
    label_column = header.pop(label)
    if not header:
        raise BadTrainingData(f'{path}, line 1 names no column beside "{label_column}". Add columns of numbers.')
    numbers, labels, lines = array("d"), list[str](), array("q")
    for line, fields in file.lines:
        labels.append(fields.pop(label).strip())
        numbers.extend(_numbers(fields, header, f"{path}, line {line}"))
        lines.append(line)
    if not lines:
        raise BadTrainingData(f"{path} has no row. Write rows of numbers below its first line.")
    rows = np.frombuffer(numbers).reshape(len(lines), -1)
    return Table(path, header, rows, label_column, labels, np.array(lines))


def _numbers(fields: list[str], header: list[str], place: str) -> list[float]:
    if "_" not in "".join(fields):  # Python reads 1_000 as a number, other programs do not
        try:
            values = [float(field) for field in fields]
        except ValueError:
            pass
        else:
            if -HIGHEST <= min(values) <= max(values) <= HIGHEST and not isnan(sum(values)):
                return values
    return [_number(text, f'{place}, column "{name[:60]}"') for text, name in zip(fields, header, strict=True)]


def _number(text: str, place: str) -> float:
    try:
        value = float(text.replace("_", "?"))
    except ValueError:
        fix = _FIX_OF_TEXT if text.strip() else _FIX_OF_GAP
        raise BadTrainingData(f"{place}: {text[:40]!r} is not a number. {fix}.") from None
    if not -HIGHEST <= value <= HIGHEST:
        raise BadTrainingData(f"{place}: {text[:40]!r} is not a finite number. Fill it in or drop the line.")
    return value
