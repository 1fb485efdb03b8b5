"""Rows and labels to train on: out of a CSV file, or out of Python."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import Column, columns_of, did_you_mean, quoted
from forest_serving.training.csv_table import read_table
from forest_serving.training.features import of_numbers
from forest_serving.training.labels import labels_of
from forest_serving.training.layout import Layout
from forest_serving.training.sample import Sample

MIN_ROWS_PER_CLASS = 10  # two for the hold-out, and some for each fold of the cross-validation
_FIX_OF_NUMBER = "This trains classifiers only; fit a regressor, and store it with forest_serving.save"
_MANY_CLASSES = 50  # more than that, all of them rare, are numbers to estimate rather than classes


@dataclass(frozen=True)
class Dataset:
    """Rows to train on.

    Attributes:
        rows: shape (n_rows, n_features), in the columns' units.
        labels: shape (n_rows,): whole numbers, other numbers, booleans or texts.
        columns: what the features are called.
        label_column: what the labels are called.
        source: where the rows came from.
        class_names: to show in place of the labels, in their order; empty for the labels themselves.
    """

    rows: NDArray[np.float64]
    labels: NDArray[Any]
    columns: tuple[Column, ...]
    label_column: str
    source: str
    class_names: tuple[str, ...] = ()

    @cached_property
    def _encoded(self) -> tuple[NDArray[Any], NDArray[np.intp]]:
        classes, positions = np.unique(self.labels, return_inverse=True)
        return classes, positions

    @property
    def classes(self) -> NDArray[Any]:
        """The distinct labels, in the order that scikit-learn gives them."""
        return self._encoded[0]

    @property
    def positions(self) -> NDArray[np.intp]:
        """The position of each row's label in classes."""
        return self._encoded[1]

    @property
    def names(self) -> list[str]:
        """The classes' names, in the order of classes."""
        return list(self.class_names) or [str(label) for label in self.classes.tolist()]

    @property
    def sha256(self) -> str:
        """The hash of all rows and labels, in their order."""
        return hashlib.sha256(self.rows.tobytes() + self.labels.tobytes()).hexdigest()

    def sample(self) -> Sample:
        """Return it as a model's card shows it."""
        features = tuple(of_numbers(*column) for column in zip(self.columns, self.rows.T, strict=True))
        return Sample(self.rows, features, self.source, self.label_column, self.positions)


def dataset_of(rows: NDArray[Any], labels: NDArray[Any], layout: Layout, source: str) -> Dataset:
    """Return rows in a layout's order, with labels 0, 1, 2 …, as a data set."""
    rows, labels = rows.astype(np.float64), labels.astype(np.int64)
    return Dataset(rows, labels, layout.columns, layout.label_columns[0], source, layout.class_names)


def read_csv(path: Path, label: str | None, layout: Layout) -> Dataset:
    """Return what a CSV file holds: the classes in the column called label, and numbers in all others.

    Without a label the file must have the layout's columns, under any of their names and in any order, and the classes
    by name or number.

    Raises:
        BadTrainingData: naming the file, line and column of the first fault, and the fix.
    """
    if label is None:
        return _read_known(path, layout)
    table = read_table(path, lambda header: label_position(label, header, str(path)))
    labels = labels_of(table.labels, table.label_place)
    return Dataset(table.rows, labels, columns_of(table.columns), table.label_column, str(path))


def _read_known(path: Path, layout: Layout) -> Dataset:
    table = read_table(path, lambda header: layout.label_position(header, str(path)), layout.must_name)
    labels = [layout.label(text, table.label_place(row)) for row, text in enumerate(table.labels)]
    rows = np.ascontiguousarray(table.rows[:, layout.order(table.columns)])
    return dataset_of(rows, np.array(labels), layout, str(path))


def label_position(label: str, header: Sequence[str], path: str) -> int:
    """Return which column of a header is called label; raises BadTrainingData if none is."""
    if label not in header:
        hint = did_you_mean(label, header)
        place = f'{path}, line 1 has no column "{label[:60]}"{hint}'
        raise BadTrainingData(f"{place}. Name one of {quoted(header)} with --label.")
    return list(header).index(label)


def check_classes(data: Dataset, evaluated: bool) -> None:
    """Raise BadTrainingData unless there are two classes or more, each with enough rows to be judged, if they are."""
    _check_whole(data)
    counts = Counter(data.positions.tolist()) if not data.class_names else Counter(data.labels.tolist())
    if len(data.names) < 2:
        only = f"{data.source} has a single class ({data.names[0][:40]})"
        raise BadTrainingData(f"{only}. Add rows of another, or name another label column.")
    least = MIN_ROWS_PER_CLASS if evaluated else 1
    few = [f"{name[:40]} {counts[number]}" for number, name in enumerate(data.names) if counts[number] < least]
    if few:
        listed = ", ".join(few[:8]) + (", …" if len(few) > 8 else "")
        fix = f"Add rows until each class has at least {least}"
        if evaluated and all(counts.values()) and len(counts) == len(data.names):
            fix += ", or train with --no-evaluate"
        if len(few) > _MANY_CLASSES:
            fix += f'; or is "{data.label_column[:60]}" a number to estimate? {_FIX_OF_NUMBER}'
        many = f"{data.source} has too few rows of {len(few)} of {len(data.names)} classes"
        raise BadTrainingData(f"{many} ({listed}). {fix}.")


def _check_whole(data: Dataset) -> None:
    fractions = data.labels[data.labels != np.floor(data.labels)] if data.labels.dtype.kind == "f" else data.labels[:0]
    if len(fractions):
        raise BadTrainingData(
            f'{data.source} has the label {fractions[0]} in column "{data.label_column[:60]}", but classes are whole'
            " numbers, texts or true and false. Name another column: to estimate numbers takes a regression, not this."
        )
