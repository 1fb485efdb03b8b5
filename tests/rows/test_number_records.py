"""Records of numbers that the kernel reads are Python's, to the bit; whatever it does not take, others look at."""

import msgspec
import numpy as np
import pytest

from forest_serving.errors import UnfitRecord
from forest_serving.kernel.library import kernel
from forest_serving.rows.columns import Columns
from forest_serving.rows.number_records import NumberRecords
from forest_serving.rows.stored_records import StoredRecords
from tests.support import rows_both_ways
from tests.support.cards import COLUMNS, NAMES, card
from tests.support.kernels import libraries_in

ROW = [5.1, 3.5, 1.4, 0.2]
READER = NumberRecords(kernel(), Columns(card()))


def record(names=NAMES, values=ROW, **others):
    return msgspec.json.encode(dict(zip(names, values, strict=True)) | others)


@pytest.mark.parametrize("names", [NAMES, COLUMNS, NAMES[::-1]], ids=["names", "columns", "backwards"])
def test_names_may_be_spelled_and_ordered_in_any_one_way(names):
    values = ROW if names != NAMES[::-1] else ROW[::-1]
    assert READER.read([record(names, values)] * 3).tolist() == [ROW] * 3


def test_what_else_is_stored_is_passed_over():
    assert READER.read([record(at="noon, {", n=1)] * 2).tolist() == [ROW] * 2


@pytest.mark.parametrize(
    "second",
    [
        b"",
        record()[:-1],
        record() + b",",
        record() + record(),
        record(NAMES[::-1]),
        record(values=[1, 2, 3, 1e300]),
        record(values=[1, 2, 3, "4"]),
        record(values=[1, 2, 3, None]),
        record(more=1),
        record(NAMES[:3], ROW[:3]),
    ],
)
def test_a_record_unlike_the_first_is_left_to_others(second):
    assert READER.read([record(), second, record()]) is None


@pytest.mark.parametrize(
    "first", [b"", b"[]", b"{}", record(NAMES[:3], ROW[:3]), record([*NAMES, COLUMNS[0]], [*ROW, 1])]
)
def test_a_first_record_that_is_no_row_is_left_to_others(first):
    assert READER.read([first]) is None


def test_orders_of_names_that_a_stranger_makes_up_take_no_memory():
    reader = NumberRecords(kernel(), Columns(card()))
    for n in range(1_000):
        reader.read([record(**{f"more_{n}": 1})])
    assert len(reader._structs) <= 64


@pytest.mark.parametrize("last", [ROW, [1, 2, 3, "four"]])
def test_where_the_kernel_does_not_load_others_read_the_same(last, tmp_path):
    records = [*[record()] * 20, record(values=last)]
    ids = [str(n) for n in range(21)]

    def read():
        try:
            return StoredRecords(Columns(card())).read(ids, records).tolist()
        except UnfitRecord as error:
            return str(error)

    native = read()
    with libraries_in(tmp_path):
        assert read() == native


def test_records_are_python_s_whatever_the_bytes():
    rng = np.random.default_rng(0)
    for _ in range(500):
        rows_both_ways.check_records(rng.bytes(48))
