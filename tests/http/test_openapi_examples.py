"""Rows as Python writes them follow the document's pattern of CSV."""

import csv
import re
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from forest_serving.card import Feature
from forest_serving.rows.csv_schema import csv_pattern
from tests.support.cards import card, feature

PATTERN = re.compile(csv_pattern(card("two", (feature("a"), feature("b")))))
PLACES = ("Köln", "Bonn (Süd)", "a, b", 'the "old" town', "C:\\d+", "")
PLACE = Feature(name="place", categories=PLACES)
GAP = Feature(name="gap", deciles=(0.0,) * 11, takes_missing=True)


@example(1e18)
@example(1e29)
@example(9.99e37)
@example(-5e-324)
@example(1234567890123456.0)
@given(st.floats(-9e37, 9e37))
def test_any_number_may_be_an_example(value):
    assert PATTERN.fullmatch(f"{value!r},1.0")


@pytest.mark.parametrize("line", ["1", "1,2,3", "1,a", "1,", "1e39,1", "nan,1"])
def test_other_lines_do_not_follow_it(line):
    assert not PATTERN.fullmatch(line)


@pytest.mark.parametrize("place", [place for place in PLACES if place])  # an empty field is a gap
def test_categories_may_be_written_as_csv_writes_them(place):
    pattern = csv_pattern(card("any", (PLACE, feature("a"), GAP), example=(place, 1.0, None)))
    line = StringIO()
    csv.writer(line, lineterminator="").writerow((place, 1.5, None))
    assert re.fullmatch(pattern, line.getvalue())
    assert Draft202012Validator({"pattern": pattern}).is_valid(line.getvalue())


@pytest.mark.parametrize("line", ["Kölnn,1,2", "Bonn Süd,1,2", "a, b,1,2", ",,1", "Köln,1,x"])
def test_other_categories_and_gaps_elsewhere_do_not_follow_it(line):
    assert not re.fullmatch(csv_pattern(card("any", (PLACE, feature("a"), GAP), example=("", 1.0, None))), line)


def test_a_row_of_many_columns_has_a_short_pattern():
    assert len(csv_pattern(card("wide", tuple(feature(f"f{n}") for n in range(1000))))) < 300
