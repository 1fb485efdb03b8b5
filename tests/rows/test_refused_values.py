"""What a column does not take is refused with what, where and how to fix it, in every format."""

import csv
import json

import msgspec
import numpy as np
import pandas as pd
import pytest

from forest_serving.card import LARGEST
from forest_serving.errors import InvalidInstances
from forest_serving.protocols.instances_field import rows_decoder
from forest_serving.rows.reader import RowReader
from forest_serving.rows.tensor_values import Input
from forest_serving.settings import read_settings
from tests.support.cards import CHURN, card, categories, feature
from tests.support.columns import COLUMNS, NAMES, as_inputs, csv_text

READER = RowReader(CHURN, read_settings({}))
GOOD = (12.0, 70.5, "premium", 7, True)
NO_GAPS = "is missing, and this column takes no gaps; fill it in."
PLANS = r'\("basic", "premium", "pro, yearly"\)'
TENURE = r"Row 1, number 0 \(tenure\)"
FAULTS = [
    (0, None, f"^{TENURE} {NO_GAPS}$"),
    (0, -1.5, f"^{TENURE} is -1.5, below -1, the lowest value that the model answers.$"),
    (1, 4e38, r"^Row 1, number 1 \(charges\) is 4e\+38, above 3.40.*e\+38, the highest value that the model answers.$"),
    (2, "premum", f'^Row 1, column "plan": "premum" is not one of the categories {PLANS}; did you mean "premium"\\?$'),
    (2, "Basic ", f'"Basic " is not one of the categories {PLANS}; did you mean "basic"\\?$'),
    (2, "silver", f'^Row 1, column "plan": "silver" is not one of the categories {PLANS}.$'),
]
ODD_KINDS = [
    (0, "12", f"^{TENURE} is a string; send a number.$"),
    (0, True, f"^{TENURE} is a boolean; send a number.$"),
    (0, [12], f"^{TENURE} is a list; send a number.$"),
    (0, 10**400, f"^{TENURE} is infinite, or too large for a double; send a finite number.$"),
    (2, None, f'^Row 1, column "plan" {NO_GAPS}$'),
    (2, 1, f'^Row 1, column "plan" is a number; send one of the categories {PLANS}.$'),
    (2, ["basic"], f'^Row 1, column "plan" is a list; send one of the categories {PLANS}.$'),
    (3, "7", r'^Row 1, column "region" is a string; send one of the categories \(3, 7, 12\).$'),
    (3, True, '^Row 1, column "region" is a boolean; send'),
    (4, 1, r'^Row 1, column "paperless" is a number; send one of the categories \(false, true\).$'),
    (4, None, f'^Row 1, column "paperless" {NO_GAPS}$'),
]


def with_fault(position, value, n_rows=2):
    """Return good rows, of which the second has a fault."""
    rows = [list(GOOD) for _ in range(n_rows)]
    rows[1][position] = value
    return rows


def read_tensors(rows, **options):
    """Return rows of the Open Inference Protocol."""
    inputs, content = as_inputs(rows, **options)
    return READER.tensors.read(msgspec.json.decode(json.dumps(inputs), type=list[Input]), memoryview(content))


def native(rows):
    """Return rows at the service's own path."""
    return rows_decoder(READER, "")(json.dumps({"instances": rows}).encode())


def records(rows):
    """Return rows that are records in JSON."""
    return READER.json.read(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows]).encode(), "")


JSON = {
    "native": native,
    "records": records,
    "columns": lambda rows: READER.json.read(
        json.dumps({name: [row[n] for row in rows] for n, name in enumerate(NAMES)}).encode(), ""
    ),
    "split": lambda rows: READER.json.read_named(
        json.dumps([row[::-1] for row in rows]).encode(), NAMES[::-1], ("dataframe_split", "columns")
    ),
    "Python's lists": READER.instances.read,
}
OTHERS = {
    "csv": lambda rows: READER.csv.read(csv_text(rows, NAMES, quoting=csv.QUOTE_ALL)),
    "tensors": read_tensors,
    "binary tensors": lambda rows: read_tensors(rows, binary=True),
    "a data frame": lambda rows: READER.instances.read(pd.DataFrame(rows, columns=NAMES)[NAMES[::-1]]),
}


@pytest.mark.parametrize("n_rows", [2, 300])
@pytest.mark.parametrize("read", (JSON | OTHERS).values(), ids=JSON | OTHERS)
@pytest.mark.parametrize(("position", "value", "sentence"), FAULTS)
def test_a_value_that_its_column_does_not_take_is_refused(read, position, value, sentence, n_rows):
    with pytest.raises(InvalidInstances, match=sentence) as refused:
        read(with_fault(position, value, n_rows))
    assert refused.value.loc[-2:] == (1, position)


@pytest.mark.parametrize("n_rows", [2, 300])
@pytest.mark.parametrize("read", JSON.values(), ids=JSON)
@pytest.mark.parametrize(("position", "value", "sentence"), ODD_KINDS)
def test_a_value_of_another_kind_is_refused(read, position, value, sentence, n_rows):
    if isinstance(value, list) and read is JSON["columns"]:
        value = [*value, *value]  # a list of one value is that value there
    with pytest.raises(InvalidInstances, match=sentence) as refused:
        read(with_fault(position, value, n_rows))
    assert refused.value.loc[-2:] == (1, position)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("12,x,basic,3,true", r'number 1 \(charges\) is "x"; send a number; leave the field empty if it is missing.$'),
        ("12,nan,basic,3,true", r'number 1 \(charges\) is "nan"; send a number'),
        ("12,inf,basic,3,true", r"number 1 \(charges\) is infinite"),
        ("1_2,1,basic,3,true", r'number 0 \(tenure\) is "1_2"; send a number.$'),
        (",1,basic,3,true", rf"number 0 \(tenure\) {NO_GAPS}"),
        ("12,1,,3,true", f'column "plan" {NO_GAPS}'),
        ("12,1,basic,three,true", r'column "region" is "three"; send one of the categories \(3, 7, 12\).$'),
        ("12,1,basic,nan,true", 'column "region" is "nan"; send one of'),
        ("12,1,basic,3,yes", r'column "paperless" is "yes"; send one of the categories \(false, true\).$'),
        ("12,1,basic,3,", f'column "paperless" {NO_GAPS}'),
        ("12,1,basic,3", "Each line needs 5 values; row 0 has 4."),
        ("12,1,pro, yearly,3,true", "Each line needs 5 values; row 0 has 6."),
        ('12,1,"basic,3,true', "cannot be read as CSV"),
        ("tenur,charge,plan,region,paperless", 'The column "tenur" is unknown'),
    ],
)
def test_a_field_that_its_column_does_not_take_is_refused(line, sentence):
    with pytest.raises(InvalidInstances, match=sentence):
        READER.csv.read(line.encode())


@pytest.mark.parametrize("value", [np.inf, -np.inf])
@pytest.mark.parametrize("position", [0, 1, 3])
@pytest.mark.parametrize("read", [READER.instances.read, OTHERS["binary tensors"], OTHERS["csv"]])
def test_infinities_are_refused_everywhere(read, position, value):
    with pytest.raises(InvalidInstances, match="is infinite"):
        read(with_fault(position, value))


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT, np.float64("nan"), np.float32("nan")])
def test_whatever_stands_for_nothing_in_python_is_missing(missing):
    rows = READER.instances.read(with_fault(1, missing))
    assert np.isnan(rows[1][1])
    with pytest.raises(InvalidInstances, match="is missing"):
        READER.instances.read(with_fault(0, missing))


@pytest.mark.parametrize("value", [np.int64(7), np.float32(7), np.uint8(7)])
def test_numpys_numbers_texts_and_booleans_are_taken(value):
    assert READER.instances.read([[np.int8(1), np.float16(2), np.str_("basic"), value, np.bool_(True)]]) == [
        [1.0, 2.0, 0.0, 1.0, 1.0]
    ]


def tensor(**changes):
    """Return the inputs of a good row, one of them changed."""
    inputs = as_inputs([GOOD])[0]
    next(each for each in inputs if each["name"] == changes["name"]).update(changes)
    return msgspec.json.decode(json.dumps(inputs), type=list[Input])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "plan", "datatype": "FP64"}, 'datatype "FP64" is not that of the input "plan"; use BYTES.'),
        ({"name": "paperless", "datatype": "INT8"}, 'datatype "INT8" is not that of the input "paperless"; use BOOL.'),
        ({"name": "tenure", "datatype": "BYTES"}, 'datatype "BYTES" is not that of the input "tenure"; use FP16'),
        ({"name": "plan", "data": [1]}, "BYTES data are lists of texts"),
        ({"name": "paperless", "data": [1]}, "BOOL data are lists of booleans"),
        ({"name": "region", "data": [7.5]}, "INT64 data are lists of whole numbers"),
        ({"name": "region", "data": [2**53 + 1]}, "beyond ±2"),
        ({"name": "region", "datatype": "INT8", "data": [300]}, "a number that INT8 cannot hold"),
        ({"name": "plan", "data": ["basic", "basic"]}, "do not fill its shape"),
        ({"name": "plan", "shape": [2]}, "must be equally long"),
        ({"name": "plan", "shape": [1, 2]}, r"has the shape \[1, 2\]; it must be \[n\] or \[n, 1\]"),
    ],
)
def test_a_tensor_that_is_not_its_columns_is_refused(changes, sentence):
    with pytest.raises(InvalidInstances, match=sentence):
        READER.tensors.read(tensor(**changes), memoryview(b""))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x05\0\0\0basi", "not 1 texts"),
        (b"\x05\0\0\0basic\0", "not 1 texts"),
        (b"\x05\0", "not 1 texts"),
        (b"", "not 1 texts"),
        (b"\xff\xff\xff\xff", "not 1 texts"),
        (b"\x02\0\0\0\xc3\x28", "not UTF-8"),
        (b"\0\0\0\0", '"" is not one of the categories'),
    ],
)
def test_texts_that_are_not_as_long_as_they_say_or_no_texts_are_refused(content, sentence):
    inputs = tensor(name="plan")
    inputs[2].data, inputs[2].parameters = msgspec.Raw(), {"binary_data_size": len(content)}
    with pytest.raises(InvalidInstances, match=sentence):
        READER.tensors.read(inputs, memoryview(content))


def test_a_byte_that_is_no_boolean_is_refused():
    inputs = tensor(name="paperless")
    inputs[4].data, inputs[4].parameters = msgspec.Raw(), {"binary_data_size": 1}
    with pytest.raises(InvalidInstances, match="bytes of 0 or 1"):
        READER.tensors.read(inputs, memoryview(b"\2"))


def test_formats_of_numbers_alone_say_which_others_hold_categories():
    with pytest.raises(InvalidInstances, match='the column "plan" holds other categories; send JSON, CSV, or'):
        READER.numbers.rows(np.ones((1, 5)), "Array")
    matrix = Input("x", [1, 5], "FP64", msgspec.Raw(b"[1, 2, 3, 4, 5]"))
    with pytest.raises(InvalidInstances, match="send an input for each of tenure, charges, plan, region, paperless"):
        READER.tensors.read([matrix], memoryview(b""))


def test_a_model_whose_numbers_are_all_doubles_says_what_is_infinite_and_what_is_missing():
    reader = RowReader(card("boosted", (feature("a", lowest=-LARGEST, highest=LARGEST),)), read_settings({}))
    assert reader.instances.read([[1e300]]) == [[1e300]]
    with pytest.raises(InvalidInstances, match=r"^Row 0, number 0 \(a\) is missing, and this column takes no gaps"):
        reader.instances.read([[float("nan")]])
    with pytest.raises(InvalidInstances, match=r"^Row 0, number 0 \(a\) is infinite"):
        reader.instances.read(np.array([[np.inf]]))


def test_of_many_categories_an_error_names_the_first_ones():
    column = categories("code", *(f"category number {n} of very many" for n in range(5000)))
    with pytest.raises(InvalidInstances, match="and 4,994 more") as refused:
        RowReader(card("many", (column,)), read_settings({})).instances.read([["x" * 10_000]])
    assert len(refused.value.message) < 600


@pytest.mark.parametrize("n_others", [0, 3000])
def test_a_column_that_comes_twice_is_refused_whatever_texts_hold_colons(n_others):
    reader = RowReader(card("colons", (categories("c", "a:b", ":"), feature("n"))), read_settings({}))
    good = '{"c": "a:b", "n": 1}, {"c": "\\u003a", "n": 2}'
    assert len(reader.json.read(f"[{', '.join([good] * (n_others + 1))}]".encode(), "")) == 2 * (n_others + 1)
    for doubled in ('{"c": "a\\u003Ab", "n": 1, "c": "a:b"}', '{"n": 1, "c": "\\u003a", "n": 2}'):
        with pytest.raises(InvalidInstances, match="twice"):
            reader.json.read(f"[{', '.join([good] * n_others + [doubled])}]".encode(), "")
