"""Each protocol reads gaps and categories, and says which inputs it takes."""

import io
import json

import numpy as np
import pytest

from forest_serving.errors import InvalidInstances, RequestError
from tests.support.asked import INFER, INVOCATIONS, NATIVE, TORCHSERVE, V1, VERTEX, Asked
from tests.support.cards import CHURN, card, categories, feature
from tests.support.columns import COLUMNS, DATATYPES, NAMES, as_inputs, csv_text
from tests.support.in_process import routes

ROWS = [[12.0, 70.5, "premium", 7, True], [0.5, None, "pro, yearly", None, False], [3, 20, "basic", 99, False]]
DOUBLES = [[12, 70.5, 1, 1, 1], [0.5, float("nan"), 2, float("nan"), 0], [3, 20, 0, -1, 0]]
RECORDS = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
LISTS = {name: [row[n] for row in ROWS] for n, name in enumerate(NAMES)}
CSV, LINES = {b"content-type": b"text/csv"}, {b"content-type": b"application/jsonlines"}
SPLIT = {"columns": NAMES[::-1], "data": [row[::-1] for row in ROWS], "index": [0, 1, 2]}
JSON = [
    *((NATIVE, {"instances": rows}) for rows in (ROWS, RECORDS)),
    *((VERTEX, {"instances": rows, "parameters": None}) for rows in (ROWS, RECORDS)),
    *((TORCHSERVE, body) for body in (ROWS, RECORDS, {"data": ROWS}, {"instances": RECORDS})),
    *((V1, body) for body in ({"instances": ROWS}, {"instances": RECORDS}, {"inputs": LISTS}, {"inputs": ROWS})),
    *((INVOCATIONS, body) for body in (ROWS, RECORDS, {"inputs": LISTS}, {"instances": ROWS})),
    *((INVOCATIONS, {form: RECORDS}) for form in ("dataframe_records", "instances")),
    *(
        (INVOCATIONS, {"dataframe_split": frame})
        for frame in (SPLIT, {"data": ROWS}, {"columns": COLUMNS, "data": ROWS})
    ),
    (INFER, {"inputs": as_inputs(ROWS)[0]}),
    (INFER, {"inputs": as_inputs(ROWS)[0][::-1], "outputs": [{"name": "predict_proba"}]}),
]

ask = Asked(CHURN)


def same(rows, read):
    """Return whether rows are equal, gaps included."""
    return np.array_equal(rows, read, equal_nan=True)


@pytest.mark.parametrize("n_times", [1, 100])
@pytest.mark.parametrize(("path", "body"), JSON[:-2], ids=[f"{path} {body!s:.30}" for path, body in JSON[:-2]])
def test_json_of_every_protocol(path, body, n_times):
    """Few rows and many, which other readers take."""
    assert same(DOUBLES * n_times, ask(path, json.dumps(_repeated(body, n_times)))[0])


def _repeated(value, n_times):
    """Return a body in which all lists of three, which are rows or a column, are there so many times."""
    if isinstance(value, dict):
        return {name: _repeated(each, n_times) for name, each in value.items()}
    return value * n_times if isinstance(value, list) and len(value) == 3 else value


@pytest.mark.parametrize(("path", "body"), JSON[-2:])
def test_open_inference_tensors_in_json(path, body):
    assert same(DOUBLES, ask(path, json.dumps(body))[0])


@pytest.mark.parametrize("order", [1, -1])
def test_open_inference_tensors_in_bytes(order):
    inputs, content = as_inputs(ROWS, binary=True)
    head = json.dumps({"inputs": inputs}).encode()
    headers = {b"inference-header-content-length": str(len(head)).encode()}
    assert same(DOUBLES, ask(INFER, head + content, headers)[0])


def test_open_inference_tensors_partly_in_bytes():
    inputs, _ = as_inputs(ROWS)
    charges = np.array([70.5, np.nan, 20]).tobytes()
    inputs[1] = inputs[1] | {"parameters": {"binary_data_size": len(charges)}}
    del inputs[1]["data"]
    head = json.dumps({"inputs": inputs}).encode()
    headers = {b"inference-header-content-length": str(len(head)).encode()}
    assert same(DOUBLES, ask(INFER, head + charges, headers)[0])


@pytest.mark.parametrize("options", [{}, {"names": COLUMNS}, {"names": NAMES, "order": [4, 2, 0, 1, 3], "index": True}])
def test_csv_with_names_and_without(options):
    assert same(DOUBLES, ask(INVOCATIONS, csv_text(ROWS, **options), CSV)[0])


def test_json_lines_of_every_kind():
    for lines in (ROWS, RECORDS, [{"features": row} for row in ROWS]):
        assert same(DOUBLES, ask(INVOCATIONS, "\n".join(map(json.dumps, lines)), LINES)[0])


def test_one_row_by_itself():
    for row, expected in zip(ROWS, DOUBLES, strict=True):
        assert same([expected], ask(INVOCATIONS, json.dumps(row))[0])


@pytest.mark.parametrize("body", [b'["a", 1], ["b", 2]', b'["]", 1, "basic", 3, true', b'[12, "x]"] [1]', b"[null]"])
def test_what_is_not_one_row_by_itself_is_refused(body):
    with pytest.raises(RequestError):
        ask(INVOCATIONS, body)


def test_npy_says_which_formats_hold_categories():
    stream = io.BytesIO()
    np.save(stream, np.ones((2, 5)))
    with pytest.raises(InvalidInstances, match='"plan" holds other categories; send JSON, CSV'):
        ask(INVOCATIONS, stream.getvalue(), {b"content-type": b"application/x-npy"})


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [2, 0, 4, 3, 1]])
def test_a_fault_in_a_data_frame_is_told_by_the_columns_name(order):
    rows = [[row[n] for n in order] for row in (ROWS[0], [12, 70.5, "premum", 7, True])]
    body = {"dataframe_split": {"columns": [NAMES[n] for n in order], "data": rows}}
    with pytest.raises(InvalidInstances, match=r'^Row 1, column "plan": "premum" is not') as refused:
        ask(INVOCATIONS, json.dumps(body))
    assert refused.value.loc == ("dataframe_split", 1, 2)


def page(model, path):
    """Return what a page says."""
    return json.loads(routes(model)[path]["GET"].respond({}, b"").body)


def test_the_metadata_name_an_input_for_each_column():
    inputs = page(ask.model, "/v2/models/churn")["inputs"]
    assert inputs == [{"name": n, "datatype": d, "shape": [-1]} for n, d in zip(NAMES, DATATYPES, strict=True)]


def test_the_signature_names_an_input_for_each_column():
    signatures = page(ask.model, "/v1/models/churn/metadata")["metadata"]["signature_def"]["signature_def"]
    inputs = signatures["serving_default"]["inputs"]
    assert list(inputs) == NAMES
    assert [each["dtype"] for each in inputs.values()] == ["DT_DOUBLE", "DT_DOUBLE", "DT_STRING", "DT_INT64", "DT_BOOL"]


def test_a_model_of_numbers_with_gaps_has_one_input_and_takes_nan_and_null():
    gaps = Asked(card("gaps", (feature("a", takes_missing=True), feature("b", takes_missing=True))))
    assert page(gaps.model, "/v2/models/gaps")["inputs"] == [{"name": "input-0", "datatype": "FP64", "shape": [-1, 2]}]
    tensor = {"name": "x", "shape": [2, 2], "datatype": "FP64"}
    expected = [[1.0, float("nan")], [float("nan"), 4.0]]
    in_json = {"inputs": [tensor | {"data": [[1, None], [None, 4]]}]}
    head = json.dumps({"inputs": [tensor | {"parameters": {"binary_data_size": 32}}]}).encode()
    headers = {b"inference-header-content-length": str(len(head)).encode()}
    assert same(expected, ask_of(gaps, in_json))
    assert same(expected, gaps(INFER, head + np.array(expected).tobytes(), headers)[0])


def ask_of(model, body):
    """Return the rows that a model's Open Inference path reads."""
    return model(INFER, json.dumps(body))[0]


def test_a_binary_body_of_the_most_rows_fits_whatever_its_texts_are():
    """Long ones take more than the eight bytes of a double."""
    wide = Asked(card("texts", (categories("city", "x" * 50), categories("on", False, True))))
    path = "/v2/models/texts/infer"
    assert wide.routes[path]["POST"].intake.max_bytes >= 100_000 * (54 + 1)
