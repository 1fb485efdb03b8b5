"""Labels have the type that pandas would give their column."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.errors import BadTrainingData
from forest_serving.training.labels import labels_of
from tests.support.training import frame_of


def read(*texts):
    """Return the labels as Python's own."""
    return labels_of(texts, "row {}".format).tolist()


@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        (["1", "-2", "+3", "007"], [1, -2, 3, 7]),
        (["true", "False", "TRUE"], [True, False, True]),
        (["1", "2.5", "1e3"], [1.0, 2.5, 1000.0]),
        (["1", "two"], ["1", "two"]),
        (["true", "1"], ["true", "1"]),
        (["1_0", "2"], ["1_0", "2"]),
        (["12345678901234567890", "1"], ["12345678901234567890", "1"]),
    ],
)
def test_the_type_is_the_narrowest_that_fits_all(texts, labels):
    found = read(*texts)
    assert found == labels
    assert list(map(type, found)) == list(map(type, labels))


KINDS = (st.integers(-(2**53), 2**53), st.booleans(), st.text("abc", min_size=1))


@given(st.one_of(*(st.lists(kind, min_size=1) for kind in KINDS)))
def test_the_type_is_the_one_that_pandas_chooses(labels):
    """pandas is the oracle: what it reads from the same column."""
    expected = frame_of(
        "\n".join(["label", *(f'"{label}"' if isinstance(label, str) else str(label) for label in labels)])
    )
    assert read(*map(str, labels)) == expected["label"].tolist()


@pytest.mark.parametrize("texts", [["1", ""], ["x", ""], ["1", "nan"], ["1.5", "inf"]])
def test_a_missing_label_is_refused_by_its_place(texts):
    with pytest.raises(BadTrainingData, match=rf"row 1: '{texts[1]}' is not a label\. Fill it in or drop the line\."):
        read(*texts)


def test_a_class_may_be_called_nan_where_labels_are_text():
    assert read("nan", "roti") == ["nan", "roti"]
    assert pd.isna(frame_of("label\nnan\nroti")["label"][0])  # pandas would have lost it
