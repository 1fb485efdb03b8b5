"""CSV files of a data set that is known beforehand."""

import re

import numpy as np
import pytest
from sklearn.datasets import load_iris

from forest_serving.errors import BadTrainingData
from forest_serving.training.dataset import check_classes, dataset_of, read_csv
from tests.support.training import FEATURES, LAYOUT, iris_csv

KNOWN = dataset_of(*load_iris(return_X_y=True), LAYOUT, "here")
SPELLINGS = {
    "names": (*FEATURES, "species"),
    "scikit-learn": (*load_iris().feature_names, "target"),
    "mixed, with spaces": (" sepal_length ", *load_iris().feature_names[1:], "species"),
}


def read(path):
    """Return a file's data set, fit to be evaluated."""
    data = read_csv(path, None, LAYOUT)
    check_classes(data, evaluated=True)
    return data


@pytest.mark.parametrize("header", SPELLINGS.values(), ids=SPELLINGS)
def test_a_csv_may_use_either_spelling_of_the_columns(tmp_path, header):
    (tmp_path / "flowers.csv").write_text(iris_csv(header))
    assert read(tmp_path / "flowers.csv").sha256 == KNOWN.sha256


def test_a_csv_may_have_any_column_order_numbers_for_classes_crlf_and_a_byte_order_mark(tmp_path):
    data, target = load_iris(return_X_y=True)
    rows = [[label, *row[::-1]] for row, label in zip(data, target, strict=True)]
    text = iris_csv(("species", *FEATURES[::-1]), rows).replace("\n", "\r\n")
    (tmp_path / "flowers.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read(tmp_path / "flowers.csv").sha256 == KNOWN.sha256


def test_with_a_label_even_a_known_file_is_trained_on_the_text_as_given(tmp_path):
    (tmp_path / "flowers.csv").write_text(iris_csv())
    data = read_csv(tmp_path / "flowers.csv", "species", LAYOUT)
    assert data.classes.tolist() == ["setosa", "versicolor", "virginica"]
    np.testing.assert_array_equal(data.rows, KNOWN.rows)


GOOD = iris_csv()
FIRST = "5.1,3.5,1.4,0.2,setosa"
ONE_CLASS = iris_csv(rows=[FIRST.split(",")] * 50)
BAD_FILES = {
    "empty": ("", r"is empty. Its first line must name the columns sepal_length"),
    "only a header": (GOOD.splitlines()[0], "has no row"),
    "missing column": (iris_csv([*FEATURES[:3], "petal_widht", "species"]), 'column "petal_width" (did you mean'),
    "extra column": (iris_csv([*FEATURES, "species", "colour"]), 'line 1 has an unknown column "colour"'),
    "doubled column": (iris_csv([*FEATURES, "species", "species"]), 'line 1 has twice the column "species"'),
    "one column in two spellings": (
        iris_csv([*FEATURES, "species", "target"]),
        'line 1 has twice the column "species"',
    ),
    "unknown header": (iris_csv(list("abcde")), "for other data, say which column holds the classes with --label"),
    "semicolons": (GOOD.replace(",", ";"), "separated by commas"),
    "unknown class": (
        GOOD.replace(FIRST, "5.1,3.5,1.4,0.2,rose"),
        """line 2, column "species": 'rose' is not one of setosa (0)""",
    ),
    "one class": (ONE_CLASS, "too few rows of 2 of 3 classes (versicolor 0, virginica 0)"),
    "too few rows": ("\n".join(GOOD.splitlines()[:-45]), "too few rows of 1 of 3 classes (virginica 5)"),
}


@pytest.mark.parametrize(("text", "sentence"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_csv_is_refused_by_file_line_and_column(tmp_path, text, sentence):
    path = tmp_path / "flowers.csv"
    path.write_text(text)
    with pytest.raises(BadTrainingData, match=re.escape(sentence)) as error:
        read(path)
    assert str(error.value).startswith(str(path))
