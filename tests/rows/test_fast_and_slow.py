"""The fast readers take nothing that the slow one refuses, and make the same rows of it."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forest_serving.errors import InvalidInstances, RequestError
from forest_serving.protocols.instances_field import rows_decoder
from forest_serving.rows.reader import RowReader
from forest_serving.settings import read_settings
from tests.support.cards import CHURN, card, categories, feature
from tests.support.columns import csv_text

BOUNDED = card("bounded", (feature("a", lowest=0.0, highest=9.0), feature("b", lowest=-2.0, takes_missing=True)))
OPEN = (
    categories("text", "", "a", "1", takes_unknown=True),
    categories("number", 0.0, 0.5, 1.0, takes_unknown=True),
    categories("flag", True, takes_missing=True, takes_unknown=True),
)
READERS = [RowReader(each, read_settings({})) for each in (CHURN, BOUNDED, card("open", OPEN), card())]

values = st.none() | st.booleans() | st.sampled_from([0, 1, 3, 7, -1, -2.5, 0.5, 1.0, 9.0, 9.5, 2**53 + 1, 10**300])
values |= st.sampled_from(["", "a", "basic", "premium", "1", "true", "null", "é", "]", "a:b", "b, c"])
LIKELY = [
    [0.5, 1, "basic", 7, True],
    [1, None],
    ["a", 0.5, True],
    [1, 2, 3.5, 0.0],
]  # a good row of each reader's


@st.composite
def rows(draw, reader):
    """Return rows that are mostly good, few or many."""
    good = LIKELY[READERS.index(reader)]
    row = st.tuples(*(st.just(value) | values if draw(st.booleans()) else st.just(value) for value in good)).map(list)
    return draw(st.lists(row, min_size=1, max_size=3)) * draw(st.sampled_from([1, 30]))


def slow(reader, found):
    """Return what the reader of Python's values makes of rows, or None."""
    try:
        return np.asarray(reader.instances.read(found), np.float64)
    except InvalidInstances:
        return None


def same(read, expected):
    """Return whether a reader gives these rows, or refuses where they are None."""
    try:
        found = np.asarray(read(), np.float64)
    except RequestError:
        return expected is None
    return expected is not None and np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize("reader", READERS, ids=["mixed", "bounded", "open", "plain"])
@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_every_way_to_read_json_is_as_strict_as_the_slow_one(reader, data):
    found = data.draw(rows(reader))
    names = [each.name for each in reader.columns.features]
    expected = slow(reader, found)
    content = json.dumps(found).encode()
    records = json.dumps([dict(zip(names, row, strict=True)) for row in found]).encode()
    backwards = json.dumps([row[::-1] for row in found]).encode()
    assert same(lambda: rows_decoder(reader, "")(b'{"instances":' + content + b"}"), expected)
    assert same(lambda: reader.json.read(content, ""), expected)
    assert same(lambda: reader.json.read(records, ""), expected)
    assert same(lambda: reader.json.read_named(backwards, names[::-1], ("x",)), expected)


@pytest.mark.parametrize("reader", READERS[:2], ids=["mixed", "bounded"])
@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_csv_is_as_strict_where_texts_and_numbers_cannot_be_mistaken(reader, data):
    found = data.draw(rows(reader))
    found = [[value for value in row if not isinstance(value, str) or value in ("basic", "premium")] for row in found]
    if {len(row) for row in found} == {len(reader.columns)}:
        names = [each.name for each in reader.columns.features]
        assert same(lambda: reader.csv.read(csv_text(found, names)), slow(reader, found))
