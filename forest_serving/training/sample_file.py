"""A fitted model's training data, or some of it, out of a CSV file."""

from array import array
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from forest_serving.card import Feature
from forest_serving.engines.fold import RawColumn
from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import Column
from forest_serving.training.csv_file import CsvFile, open_csv
from forest_serving.training.dataset import label_position
from forest_serving.training.features import features_of, gaps_allowed_in
from forest_serving.training.given_answers import answers_of_texts
from forest_serving.training.held_out import HeldOut, check_columns, held_out_of
from forest_serving.training.model_columns import columns_of_model
from forest_serving.training.raw_values import Floats, check_values, reader_of
from forest_serving.training.sample import Sample

_FIX = "drop it, or name it with --label if it holds the classes or the targets"


class _Lines(NamedTuple):
    """What is in a file.

    Attributes:
        rows: shape (n_rows, n_columns).
        labels: the text of each row's label; empty if there is no such column.
        numbers: of the rows' lines.
    """

    rows: Floats
    labels: list[str]
    numbers: Sequence[int]


def read_sample(path: Path, label: str | None, model: Any, missing: Collection[str] = ()) -> Sample:
    """Return the rows of a file as the columns of a fitted model.

    Args:
        path: a CSV file with the model's columns: by name in any order, if it knows names, and else in its order. An
            empty field is a gap.
        label: the column of the classes or targets; None if the file has none.
        model: what engines.unpacking.unpacked returns.
        missing: names of columns where a value may be missing, even if none is in the file.

    Raises:
        BadTrainingData: naming the first fault and its place.
    """
    with open_csv(path) as file:
        return _read(file, label, model, missing)


def read_test(path: Path, label: str, model: Any, features: Sequence[Feature]) -> HeldOut:
    """Return the rows of a file to judge a model by; features are those of its sample, all else is as for a sample."""
    with open_csv(path) as file:
        _, columns, lines = _columns(file, label, model)
        check_columns(columns, features, file.path)
        place = partial(_place, file.path, lines.numbers)
        truth = answers_of_texts(lines.labels, model, partial(place, name=label))
        return held_out_of(lines.rows, truth, features, place)


def _read(file: CsvFile, label: str | None, model: Any, missing: Collection[str]) -> Sample:
    raws, columns, lines = _columns(file, label, model)
    features = features_of(raws, columns, lines.rows, gaps_allowed_in(missing, raws, columns))
    if label is None:
        return Sample(lines.rows, features, file.path)
    answers = answers_of_texts(lines.labels, model, partial(_place, file.path, lines.numbers, name=label))
    return Sample(lines.rows, features, file.path, label, answers)


def _columns(file: CsvFile, label: str | None, model: Any) -> tuple[list[RawColumn], Sequence[Column], _Lines]:
    """Return the columns that a model uses, and what the file has of them."""
    own, at = columns_of_model(model), None if label is None else label_position(label, file.header, file.path)
    names = [name for i, name in enumerate(file.header) if i != at]
    raws, columns = own.used, own.called(names)
    places = [file.header.index(names[i]) for i in own.places_in(names, len(names), file.path, _FIX)]
    lines = _lines(file, [_Field(*field) for field in zip(places, map(reader_of, raws), columns, strict=True)], at)
    check_values(lines.rows, raws, columns, partial(_place, file.path, lines.numbers))
    return raws, columns, lines


def _place(path: str, numbers: Sequence[int], row: int, name: str) -> str:
    return f'{path}, line {numbers[row]}, column "{name[:60]}"'


class _Field(NamedTuple):
    """Where a column of the model is in a line, how its text is read, and what it is called."""

    place: int
    read: Callable[[str], float]
    column: Column


def _lines(file: CsvFile, fields: Sequence[_Field], label: int | None) -> _Lines:
    values, labels, numbers = array("d"), list[str](), array("q")
    for line, texts in file.lines:
        values.extend([_value(field, texts[field.place], file.path, line) for field in fields])
        if label is not None:
            labels.append(texts[label].strip())
        numbers.append(line)
    if not numbers:
        raise BadTrainingData(f"{file.path} has no row. Write rows below its first line.")
    return _Lines(np.frombuffer(values).reshape(len(numbers), -1), labels, numbers)


def _value(field: _Field, text: str, path: str, line: int) -> float:
    try:
        return field.read(text)
    except ValueError:
        place = _place(path, [line], 0, field.column.text)
        fix = "Write a number, or nothing for a gap"
        raise BadTrainingData(f"{place}: {text[:40]!r} is not a number. {fix}.") from None
