"""Numbers that the kernel reads out of JSON are Python's, to the bit; whatever it does not take, others look at."""

import json
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forest_serving.kernel.library import kernel
from forest_serving.rows.columns import Columns
from forest_serving.rows.json_arrays import JsonArrayReader
from forest_serving.rows.number_lists import NumberLists
from tests.support import rows_both_ways
from tests.support.cards import card
from tests.support.kernels import libraries_in

WIDE = np.array([np.inf])
ONE = NumberLists(kernel(), -WIDE, WIDE)
FOUR = NumberLists(kernel(), np.full(4, -100.0), np.full(4, 100.0))
GOOD = b" [[1.5,-2,3e-1,0.25] , [1,2,3,4]]"


def number(text):
    """Return the number that the kernel reads, or None."""
    found = ONE.read(f"[[{text}]]".encode(), 0, 1)
    return None if found is None else found[0][0, 0]


@given(st.integers(-(10**19) + 1, 10**19 - 1), st.integers(0, 27))
@settings(max_examples=3_000, deadline=None)
def test_up_to_19_digits_of_which_27_after_the_point_become_the_nearest_double(digits, places):
    for text in (f"{digits}e-{places}", format(Decimal(digits).scaleb(-places), "f")):
        assert number(text).hex() == float(text).hex()


@given(st.integers(2**52, 2**53 - 1), st.sampled_from([1, 2, 4]))
@settings(max_examples=1_000, deadline=None)
def test_what_is_half_way_between_two_doubles_becomes_the_even_one(mantissa, divisor):
    text = str((2 * mantissa + 1) / Decimal(divisor))
    assert number(text).hex() == float(text).hex()


@given(st.floats(1e-8, 1e15) | st.floats(-1e15, -1e-8))
@settings(max_examples=1_000, deadline=None)
def test_every_double_that_python_writes_comes_back(value):
    assert number(repr(value)) == value


@pytest.mark.parametrize(
    "text", ["0", "-0", "0.0", "-0.000", "0e-5", "1E-3", "9007199254740993", "9" * 19, "5e0", "5e+0"]
)
def test_odd_ways_to_write_a_number_are_read_as_python_reads_them(text):
    assert number(text).hex() == float(text).hex()


@pytest.mark.parametrize("text", ["1e5", "1" * 20, "0." + "0" * 27 + "1", "1e-28", "5e-324", "1e309"])
def test_large_powers_and_many_digits_are_left_to_others(text):
    assert number(text) is None


@pytest.mark.parametrize(
    "text", ["", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e-", "1,2", "NaN", "null", '"1"', "[1]"]
)
def test_what_is_no_number_is_left_to_others(text):
    assert number(text) is None


@pytest.mark.parametrize("end", range(len(GOOD)))
def test_a_text_that_is_cut_off_is_left_to_others(end):
    assert FOUR.read(GOOD[:end], 0, 10) is None


@pytest.mark.parametrize(
    "text", [b"[[1,2,3,101]]", b"[[1,2,3]]", b"[[1,2,3,4,5]]", b"[]", b"[[]]", b"[1,2,3,4]", b"[[1,2,3,4],]"]
)
def test_rows_that_are_not_the_model_s_are_left_to_others(text):
    assert FOUR.read(text, 0, 10) is None


def test_more_rows_than_asked_for_are_left_to_others():
    assert FOUR.read(GOOD, 0, 2)[0].tolist() == [[1.5, -2.0, 0.3, 0.25], [1.0, 2.0, 3.0, 4.0]]
    assert FOUR.read(GOOD, 0, 1) is None


@pytest.mark.parametrize("rest", [b"", b" ", b"]", b',"x":1}', b"}}"])
def test_what_stands_after_the_list_must_end_the_request(rest):
    reader, rows = JsonArrayReader(Columns(card())), json.dumps([[1.0, 2.0, 3.0, 4.0]] * 20).encode()
    assert reader.read_request(b'{"instances": ' + rows + rest, 100) is None
    assert len(reader.read_request(b' { "instances" : ' + rows + b" } ", 100)) == 20


@pytest.mark.parametrize("values", [[5.1, 3.5, 1.4, 0.2], [5.1, 3.5, 1.4, 1e300], [5.1, 3.5, 1.4]])
def test_where_the_kernel_does_not_load_others_read_the_same(values, tmp_path):
    columns, request = Columns(card()), json.dumps({"instances": [values] * 20}).encode()
    native = JsonArrayReader(columns).read_request(request, 100)
    with libraries_in(tmp_path):
        assert np.array_equal(JsonArrayReader(columns).read_request(request, 100), native)


@given(st.binary(max_size=64))
@settings(max_examples=500, deadline=None)
def test_lists_bounds_and_texts_are_python_s_whatever_the_bytes(content):
    rows_both_ways.check_rows(content)
