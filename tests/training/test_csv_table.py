"""Faults in any CSV file are told by their place."""

import re

import numpy as np
import pytest

from forest_serving.errors import BadTrainingData
from forest_serving.training.csv_table import read_table

GOOD = "a,b,kind\n1,2,x\n3,4,y\n"


def read(path):
    """Return the table in a file whose last column holds the labels."""
    return read_table(path, lambda header: len(header) - 1)


def test_a_file_is_read_as_numbers_and_texts(tmp_path):
    (tmp_path / "good.csv").write_text(GOOD)
    table = read(tmp_path / "good.csv")
    assert (table.columns, table.label_column, table.labels) == (["a", "b"], "kind", ["x", "y"])
    np.testing.assert_array_equal(table.rows, [[1, 2], [3, 4]])


def test_blank_lines_and_quotes_do_not_shift_the_numbers_of_lines(tmp_path):
    (tmp_path / "gaps.csv").write_text('a,b,kind\n\n1,2,"x\ny"\n\n3,4,z\n')
    assert read(tmp_path / "gaps.csv").lines.tolist() == [4, 6]


BAD = {
    "text": (GOOD.replace("1,", "wide,"), """line 2, column "a": 'wide' is not a number. Write a number, drop the"""),
    "categories": (
        GOOD.replace("1,", "wide,"),
        "or fit a pipeline that takes text, and store it with forest_serving.save.",
    ),
    "gap": (GOOD.replace("4,", ","), """line 3, column "b": '' is not a number. Fill it in or drop the line; or fit"""),
    "NaN": (GOOD.replace("3,", "nan,"), """line 3, column "a": 'nan' is not a finite number"""),
    "NaN at the end": (GOOD.replace("4,", "nan,"), """line 3, column "b": 'nan' is not a finite number"""),
    "huge": (GOOD.replace("1,", "1e39,"), """line 2, column "a": '1e39' is not a finite number"""),
    "grouped": (GOOD.replace("1,", "1_000,"), """line 2, column "a": '1_000' is not a number"""),
    "short line": (GOOD.replace("1,2", "1"), "line 2 has 2 values, the first line 3. Fix that line."),
    "doubled": (GOOD.replace("b", "a"), 'line 1 has twice the column "a". Rename or drop one of them.'),
    "without a name": (GOOD.replace("a,", ","), "line 1 gives column 1 no name. Name it, or drop it (pandas"),
    "tabs": (GOOD.replace(",", "\t"), "line 1 is separated by tabs. Save the file separated by commas."),
    "no rows": ("a,b,kind\n", "has no row. Write rows of numbers below its first line."),
    "only labels": ("kind\nx\n", 'line 1 names no column beside "kind". Add columns of numbers.'),
    "empty": ("", "is empty. Its first line must name the columns."),
}


@pytest.mark.parametrize(("text", "sentence"), BAD.values(), ids=BAD)
def test_the_first_fault_is_told_by_file_line_and_column(tmp_path, text, sentence):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(BadTrainingData, match=re.escape(sentence)) as error:
        read(path)
    assert str(error.value).startswith(str(path))


@pytest.mark.parametrize(
    "content", [None, b"\xff\xfe\x00", b'"' + b"x" * 200_000], ids=["missing", "binary", "endless"]
)
def test_a_csv_that_cannot_be_read_is_refused_by_name(tmp_path, content):
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadTrainingData, match=re.escape(str(path))):
        read(path)


def test_a_folder_is_no_csv(tmp_path):
    with pytest.raises(BadTrainingData, match=r"is not a file\. Name a CSV file\."):
        read(tmp_path)
