"""Names of columns: short, of letters and digits, and each one column's only."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import Column, columns_of, did_you_mean, unnamed_columns, with_units


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("age", Column("age")),
        ("Age", Column("age", ("Age",))),
        ("sepal length (cm)", Column("sepal_length", ("sepal length (cm)",), "cm")),
        ("Price [EUR / kg]", Column("price", ("Price [EUR / kg]",), "EUR / kg")),
        ("Länge", Column("länge", ("Länge",))),
        ("od280/od315 of wines", Column("od280_od315_of_wines", ("od280/od315 of wines",))),
        ("体重 (kg)", Column("体重", ("体重 (kg)",), "kg")),
        ("%", Column("feature_0", ("%",))),
        ("(cm)", Column("cm", ("(cm)",))),
        ("size ( )", Column("size", ("size ( )",))),
    ],
)
def test_a_name_is_made_from_the_text_and_the_unit_from_its_end(text, column):
    assert columns_of([text]) == (column,)


def test_two_columns_that_differ_by_their_unit_keep_it_in_their_names():
    assert [column.name for column in columns_of(["size (cm)", "size (in)", "age"])] == ["size_cm", "size_in", "age"]


def test_a_name_never_is_another_columns_own_text():
    assert [column.name for column in columns_of(["A", "a", "A "])] == ["a_2", "a", "a_3"]


@given(st.lists(st.text(st.sampled_from("aAä1_ ()[]/%-b"), max_size=6) | st.text(max_size=8), unique=True))
def test_every_name_and_spelling_means_one_column_only(texts):
    columns = columns_of(texts)
    names = [name for column in columns for name in column.names]
    assert len(set(names)) == len(names)
    assert all(text in column.names for text, column in zip(texts, columns, strict=True))
    assert all(re.fullmatch(r"\w+", column.name) for column in columns)


COLUMNS = (*columns_of(["size (cm)", "age"]), *unnamed_columns([0]))


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (None, ["cm", "", ""]),
        ({"size": "m", "age": "years"}, ["m", "years", ""]),
        ({"size (cm)": "m"}, ["m", "", ""]),
        (["m", None, "s"], ["m", "", "s"]),
    ],
)
def test_units_can_be_given_by_any_name_or_in_order(units, expected):
    assert [column.unit for column in with_units(COLUMNS, units)] == expected


@pytest.mark.parametrize(
    ("units", "sentence"),
    [
        (["m"], "units holds 1 units for 3 columns; give one for each, or a dict."),
        ("cm", "units holds a single text for 3 columns"),
        ({"sice": "m"}, 'units names a column "sice" that there is not (did you mean "size"?).'),
    ],
)
def test_units_that_do_not_fit_are_refused(units, sentence):
    with pytest.raises(BadTrainingData, match=re.escape(sentence)):
        with_units(COLUMNS, units)


def test_a_hint_is_given_only_where_it_is_likely():
    assert did_you_mean("Cultivar", ["cultivar", "hue"]) == ' (did you mean "cultivar"?)'
    assert did_you_mean("colour", ["cultivar", "hue"]) == ""
