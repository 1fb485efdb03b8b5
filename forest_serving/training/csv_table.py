"""A CSV file of numbers, with one column of labels: read line by line, so that the first fault is told by its place."""

import csv
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from math import isnan
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.boundaries import LARGEST
from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import quoted
from forest_serving.training.progress import counted

LabelOf = Callable[[list[str]], int | None]  # the header → the position of the label column, or None for none


class Table(NamedTuple):
    """What a file holds.

    Attributes:
        path: the file's.
        columns: the header without the label column.
        rows: shape (n_rows, n_columns), all finite.
        label_column: the header of the label column; empty if there is none.
        labels: the text of each row's label; empty if there is no such column.
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
    if path.exists() and not path.is_file():
        raise BadTrainingData(f"{path} is not a file. Name a CSV file.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(csv.reader(file, skipinitialspace=True), str(path), label_of, must_name)
    except OSError as error:
        raise BadTrainingData(f"{path} cannot be read: {error.strerror}. Name a CSV file.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadTrainingData(f"{path} is not a CSV file in UTF-8 ({error}). Save it as one.") from None


def _read(reader: Any, path: str, label_of: LabelOf, must_name: str) -> Table:
    header = [field.strip() for field in next(reader, [])]
    if not header:
        raise BadTrainingData(f"{path} is empty. Its first line must name {must_name}.")
    _check_header(header, path)
    label = label_of(header)
    label_column = header.pop(label) if label is not None else ""
    if not header:
        raise BadTrainingData(f'{path}, line 1 names no column beside "{label_column}". Add columns of numbers.')
    numbers, labels, lines = array("d"), list[str](), array("q")
    for line, fields in _lines(reader, path, len(header) + (label is not None)):
        if label is not None:
            labels.append(fields.pop(label).strip())
        numbers.extend(_numbers(fields, header, f"{path}, line {line}"))
        lines.append(line)
    if not lines:
        raise BadTrainingData(f"{path} has no row. Write rows of numbers below its first line.")
    rows = np.frombuffer(numbers).reshape(len(lines), -1)
    return Table(path, header, rows, label_column, labels, np.array(lines))


def _check_header(header: list[str], path: str) -> None:
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        separator = "semicolons" if ";" in header[0] else "tabs"
        raise BadTrainingData(f"{path}, line 1 is separated by {separator}. Save the file separated by commas.")
    if doubled := [name for name, count in Counter(header).items() if count > 1 and name]:
        raise BadTrainingData(f"{path}, line 1 has twice the column {quoted(doubled)}. Rename or drop one of them.")
    if "" in header:
        place = f"{path}, line 1 gives column {header.index('') + 1} no name"
        raise BadTrainingData(f"{place}. Name it, or drop it (pandas writes none for an index: index=False).")


def _lines(reader: Any, path: str, n_columns: int) -> Iterator[tuple[int, list[str]]]:
    for fields in counted(reader, f"reading {path}"):
        if not "".join(fields).strip() and len(fields) < 2:  # a blank line
            continue
        if len(fields) != n_columns:
            place = f"{path}, line {reader.line_num}"
            raise BadTrainingData(f"{place} has {len(fields)} values, the first line {n_columns}. Fix that line.")
        yield reader.line_num, fields


def _numbers(fields: list[str], header: list[str], place: str) -> list[float]:
    if "_" not in "".join(fields):  # Python reads 1_000 as a number, other programs do not
        try:
            values = [float(field) for field in fields]
        except ValueError:
            pass
        else:
            if -LARGEST <= min(values) <= max(values) <= LARGEST and not isnan(sum(values)):
                return values
    return [_number(text, f'{place}, column "{name[:60]}"') for text, name in zip(fields, header, strict=True)]


def _number(text: str, place: str) -> float:
    try:
        value = float(text.replace("_", "?"))
    except ValueError:
        fix = "Write a number, drop the column, or name it with --label if it holds the classes"
        fix = fix if text.strip() else "Fill it in or drop the line"
        raise BadTrainingData(f"{place}: {text[:40]!r} is not a number. {fix}.") from None
    if not -LARGEST <= value <= LARGEST:
        raise BadTrainingData(f"{place}: {text[:40]!r} is not a finite number. Fill it in or drop the line.")
    return value
