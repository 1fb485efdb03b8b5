"""Measurements to train on: scikit-learn's, or a CSV file that is checked value by value."""

import csv
import hashlib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.datasets import load_iris as load_default

from forest_serving.errors import BadTrainingData
from forest_serving.schema import CLASS_NAMES, DOMAIN_LIMIT, FEATURES, LABEL_COLUMN, MODEL_NAME

MIN_ROWS_PER_CLASS = 10  # two for the hold-out, and some for each fold of the cross-validation
SKLEARN_LABEL_COLUMN = "target"
_NAME_OF_COLUMN = {spelling: f.name for f in FEATURES for spelling in (f.name, f.column)} | {
    spelling: LABEL_COLUMN for spelling in (LABEL_COLUMN, SKLEARN_LABEL_COLUMN)
}
_COLUMNS = [*(feature.name for feature in FEATURES), LABEL_COLUMN]
_LABELS = {name.casefold(): index for index, name in enumerate(CLASS_NAMES)} | {
    str(index): index for index in range(len(CLASS_NAMES))
}


class Dataset(NamedTuple):
    """Rows to train on.

    Attributes:
        rows: shape (n_rows, n_features), in the features' units.
        labels: shape (n_rows,), class indices.
        source: where the rows came from.
    """

    rows: NDArray[np.float64]
    labels: NDArray[np.int64]
    source: str

    @property
    def sha256(self) -> str:
        """The hash of all rows and labels, in their order."""
        return hashlib.sha256(self.rows.tobytes() + self.labels.tobytes()).hexdigest()

    def summary(self) -> dict[str, Any]:
        """Return each feature's range and deciles, to compare later requests with."""
        frame = pd.DataFrame(self.rows, columns=_COLUMNS[:-1])
        deciles = frame.quantile(np.linspace(0, 1, 11).tolist())
        return {
            "feature_ranges": {name: [float(frame[name].min()), float(frame[name].max())] for name in frame},
            "feature_deciles": {name: [float(value) for value in deciles[name]] for name in frame},
        }


def default_dataset() -> Dataset:
    """Return the data set that scikit-learn ships."""
    bunch = load_default()
    return Dataset(bunch.data.astype(np.float64), bunch.target.astype(np.int64), f"scikit-learn's {MODEL_NAME} data")


def read_csv(path: Path) -> Dataset:
    """Return the measurements in a CSV file.

    The first line names the columns, in any order: each feature under the schema's or scikit-learn's name, and the
    class, by name or number, under LABEL_COLUMN or "target".

    Raises:
        BadTrainingData: naming the file, line and column of the first fault, and the mending.
    """
    if path.exists() and not path.is_file():
        raise BadTrainingData(f"{path} is not a file. Name a CSV file.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(csv.reader(file, skipinitialspace=True), str(path))
    except OSError as error:
        raise BadTrainingData(f"{path} cannot be read: {error.strerror}. Name a CSV file.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadTrainingData(f"{path} is not a CSV file in UTF-8 ({error}). Save it as one.") from None


def _read(reader: Any, path: str) -> Dataset:
    header = next(reader, None)
    if header is None:
        raise BadTrainingData(f"{path} is empty. Its first line must name the columns {', '.join(_COLUMNS)}.")
    columns = _columns(header, path)
    rows, labels = [], []
    for fields in reader:
        if not "".join(fields).strip() and len(fields) < 2:  # a blank line
            continue
        place = f"{path}, line {reader.line_num}"
        if len(fields) != len(columns):
            raise BadTrainingData(f"{place} has {len(fields)} values, the first line {len(columns)}. Mend that line.")
        values = dict(zip(columns, fields, strict=True))
        rows.append([_number(values[f.name], f'{place}, column "{f.name}"') for f in FEATURES])
        labels.append(_label(values[LABEL_COLUMN], f'{place}, column "{LABEL_COLUMN}"'))
    _check_counts(labels, path)
    return Dataset(np.array(rows), np.array(labels), path)


def _columns(header: list[str], path: str) -> list[str]:
    columns = [_NAME_OF_COLUMN.get(field.strip(), field.strip()) for field in header]
    faults = {
        "lacks": [name for name in _COLUMNS if name not in columns],
        "has an unknown": [name for name in columns if name not in _COLUMNS],
        "has twice the": [name for name, count in Counter(columns).items() if count > 1],
    }
    for fault, names in faults.items():
        if names:
            quoted = ", ".join(f'"{name[:60]}"' for name in names)
            raise BadTrainingData(
                f"{path}, line 1 {fault} column {quoted}. It must name {', '.join(_COLUMNS)}, separated by commas."
            )
    return columns


def _number(text: str, place: str) -> float:
    try:
        value = float(text.replace("_", "?"))  # Python reads 1_000 as a number, other programs do not
    except ValueError:
        raise BadTrainingData(f"{place}: {text[:40]!r} is not a number. Write one, such as 5.1.") from None
    if not -DOMAIN_LIMIT < value < DOMAIN_LIMIT:
        raise BadTrainingData(f"{place}: {text[:40]!r} is not a finite number. Fill it in or drop the line.")
    return value


def _label(text: str, place: str) -> int:
    try:
        return _LABELS[text.strip().casefold()]
    except KeyError:
        known = ", ".join(f"{name} ({index})" for index, name in enumerate(CLASS_NAMES))
        raise BadTrainingData(f"{place}: {text[:40]!r} is not one of {known}. Write a name or its number.") from None


def _check_counts(labels: list[int], path: str) -> None:
    counts = Counter(labels)
    few = [f"{name} {counts[i]}" for i, name in enumerate(CLASS_NAMES) if counts[i] < MIN_ROWS_PER_CLASS]
    if few:
        raise BadTrainingData(
            f"{path} has too few rows of {len(few)} of {len(CLASS_NAMES)} classes ({', '.join(few)})."
            f" Add rows until each class has at least {MIN_ROWS_PER_CLASS}."
        )
