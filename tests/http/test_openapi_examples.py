"""Rows as Python writes them follow the document's pattern of CSV."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forest_serving.http.openapi import _body
from forest_serving.protocols.endpoint import Doc
from tests.support.cards import card, feature

PATTERN = re.compile(_body(Doc("x"), "text/csv", card("two", (feature("a"), feature("b"))))["pattern"])


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
