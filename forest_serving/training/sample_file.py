"""A fitted model's training data, or some of it, out of a CSV file."""

from pathlib import Path
from typing import Any

from forest_serving.engines.labels import plain
from forest_serving.training.csv_table import read_table
from forest_serving.training.dataset import label_position
from forest_serving.training.given_labels import positions_of_texts
from forest_serving.training.given_rows import in_the_models_order
from forest_serving.training.sample import Sample

_FIX = "drop it, or name it with --label if it holds the classes"


def read_sample(path: Path, label: str | None, forest: Any) -> Sample:
    """Return the rows of a file in a fitted forest's order.

    Args:
        path: a CSV file with the forest's columns: by name in any order, if it knows names, and else in its order.
        label: the column of the classes; None if the file has none.
        forest: what was fitted to them.

    Raises:
        BadTrainingData: naming the first fault and its place.
    """
    table = read_table(path, lambda header: None if label is None else label_position(label, header, str(path)))
    rows, columns = in_the_models_order(table.rows, table.columns, forest, str(path), _FIX)
    if label is None:
        return Sample(rows, columns, str(path))
    positions = positions_of_texts(table.labels, plain(forest.classes_).tolist(), table.label_place)
    return Sample(rows, columns, str(path), table.label_column, positions)
