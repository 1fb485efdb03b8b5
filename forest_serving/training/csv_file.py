"""A CSV file, line by line: its header and its fields as text, each fault told by its place."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import quoted
from forest_serving.training.progress import counted


class CsvFile(NamedTuple):
    """An open file.

    Attributes:
        path: the file's.
        header: what its first line calls the columns, each by another name.
        lines: of each further line that is not blank, its number and its fields, as many as the header has.
    """

    path: str
    header: list[str]
    lines: Iterator[tuple[int, list[str]]]


@contextmanager
def open_csv(path: Path, must_name: str = "the columns") -> Iterator[CsvFile]:
    """Open a file, the first line of which names the columns.

    Args:
        path: a CSV file in UTF-8, separated by commas.
        must_name: what the first line should say, for the errors.

    Raises:
        BadTrainingData: naming the file, the line and the fix; also while the lines are read.
    """
    if path.exists() and not path.is_file():
        raise BadTrainingData(f"{path} is not a file. Name a CSV file.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, skipinitialspace=True)
            header = _header(reader, str(path), must_name)
            yield CsvFile(str(path), header, _lines(reader, str(path), len(header)))
    except OSError as error:
        raise BadTrainingData(f"{path} cannot be read: {error.strerror}. Name a CSV file.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadTrainingData(f"{path} is not a CSV file in UTF-8 ({error}). Save it as one.") from None


def _header(reader: Any, path: str, must_name: str) -> list[str]:
    header = [field.strip() for field in next(reader, [])]
    if not header:
        raise BadTrainingData(f"{path} is empty. Its first line must name {must_name}.")
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        separator = "semicolons" if ";" in header[0] else "tabs"
        raise BadTrainingData(f"{path}, line 1 is separated by {separator}. Save the file separated by commas.")
    if doubled := [name for name, count in Counter(header).items() if count > 1 and name]:
        raise BadTrainingData(f"{path}, line 1 has twice the column {quoted(doubled)}. Rename or drop one of them.")
    if "" in header:
        place = f"{path}, line 1 gives column {header.index('') + 1} no name"
        raise BadTrainingData(f"{place}. Name it, or drop it (pandas writes none for an index: index=False).")
    return header


def _lines(reader: Any, path: str, n_columns: int) -> Iterator[tuple[int, list[str]]]:
    for fields in counted(reader, f"reading {path}"):
        if not "".join(fields).strip() and len(fields) < 2:  # a blank line
            continue
        if len(fields) != n_columns:
            place = f"{path}, line {reader.line_num}"
            raise BadTrainingData(f"{place} has {len(fields)} values, the first line {n_columns}. Fix that line.")
        yield reader.line_num, fields
