"""What one protocol's client writes, the codec reads: the same rows, to the bit; and the answers likewise."""

import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from forest_serving.card import HIGHEST
from forest_serving.errors import InvalidInstances, MalformedJson, RequestError, TooManyRows
from forest_serving.rows.named_tensors import TYPES
from tests.support.asked import INFER, INVOCATIONS, NATIVE, TORCHSERVE, V1, VERTEX, Asked, tensor
from tests.support.cards import COLUMNS, NAMES

LIMIT = HIGHEST
doubles = arrays.arrays(np.float64, st.tuples(st.integers(1, 30), st.just(4)), elements=st.floats(-LIMIT, LIMIT))
spellings = st.tuples(*(st.sampled_from(pair) for pair in zip(NAMES, COLUMNS, strict=True)))
orders = st.permutations(range(4))


ask = Asked()


def same(rows, read):
    """Return whether arrays are equal to the bit, but for the sign of zero, which JSON and CSV may lose."""
    return np.array_equal(rows, read)


def labels(rows):
    return [int(row[0] > 0) for row in rows]


@given(rows=doubles, flat=st.booleans())
def test_open_inference_json(rows, flat):
    data = rows.ravel().tolist() if flat else rows.tolist()
    body = json.dumps({"id": "é", "inputs": [tensor(rows, data=data)]}).encode()
    read, answer = ask(INFER, body)
    reply = json.loads(answer.body)
    assert same(rows, read)
    assert (reply["id"], reply["outputs"][0]["data"]) == ("é", labels(rows))


@given(rows=doubles)
def test_open_inference_binary(rows):
    head = json.dumps(
        {
            "inputs": [
                {
                    "name": "x",
                    "shape": list(rows.shape),
                    "datatype": "FP64",
                    "parameters": {"binary_data_size": rows.nbytes},
                }
            ],
            "parameters": {"binary_data_output": True},
        }
    ).encode()
    headers = {b"inference-header-content-length": str(len(head)).encode()}
    read, answer = ask(INFER, head + rows.tobytes(), headers)
    n = int(dict(answer.headers)[b"inference-header-content-length"])
    assert rows.tobytes() == read.tobytes()
    size = json.loads(answer.body[:n])["outputs"][0]["parameters"]["binary_data_size"]
    assert np.frombuffer(answer.body[n : n + size], "<i8").tolist() == labels(rows)


@pytest.mark.parametrize("datatype", ["FP16", "FP32", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT64"])
def test_open_inference_reads_every_datatype_alike_in_json_and_binary(datatype):
    dtype = np.dtype(TYPES[datatype])
    rows = np.array([[1, 2, 3, 4], [5, 6, 7, 100]], dtype)
    in_json, _ = ask(INFER, json.dumps({"inputs": [tensor(rows, datatype=datatype)]}))
    described = {"name": "x", "shape": [2, 4], "datatype": datatype, "parameters": {"binary_data_size": rows.nbytes}}
    head = json.dumps({"inputs": [described]}).encode()
    headers = {b"inference-header-content-length": str(len(head)).encode()}
    in_binary, _ = ask(INFER, head + rows.tobytes(), headers)
    assert in_json.tolist() == in_binary.tolist() == rows.tolist()


@given(rows=doubles, order=orders, names=spellings, field=st.sampled_from(["instances", "inputs"]))
def test_v1_records_and_columns_in_any_order_and_spelling(rows, order, names, field):
    records = [{names[column]: row[column] for column in order} for row in rows.tolist()]
    columns = {names[column]: rows[:, column].tolist() for column in order}
    for value in (records, columns, rows.tolist()):
        read, reply = ask(V1, json.dumps({field: value}))
        assert same(rows, read)
        assert json.loads(reply.body)["predictions"] == labels(rows)


@given(rows=doubles, order=orders, names=spellings)
def test_mlflow_data_frames_and_csv(rows, order, names):
    columns = [names[column] for column in order]
    split = {"dataframe_split": {"columns": columns, "data": rows[:, order].tolist()}}
    records = {"dataframe_records": [dict(zip(columns, row, strict=True)) for row in rows[:, order].tolist()]}
    for body in (split, records, {"inputs": rows.tolist(), "params": None}, {"instances": rows.tolist()}):
        assert same(rows, ask(INVOCATIONS, json.dumps(body))[0])
    lines = [",".join(columns), *(",".join(map(repr, row)) for row in rows[:, order].tolist())]
    indexed = [f"{index},{line}" for index, line in zip(["", *range(len(rows))], lines, strict=True)]
    for each in (lines, indexed):
        assert same(rows, ask(INVOCATIONS, "\n".join(each), {b"content-type": b"text/csv"})[0])


@given(rows=doubles, order=st.sampled_from("CF"), end=st.sampled_from(["\n", "\r\n"]))
def test_sagemakers_formats(rows, order, end):
    stream = io.BytesIO()
    np.save(stream, np.asarray(rows, order=order))
    lines = [json.dumps({"features": row}) for row in rows.tolist()]
    bodies = {
        b"application/x-npy": stream.getvalue(),
        b"application/json": json.dumps(rows.tolist()).encode(),
        b"application/jsonlines": end.join(lines).encode(),
        b"text/csv": (end.join(",".join(map(repr, row)) for row in rows.tolist()) + end).encode(),
    }
    for media_type, body in bodies.items():
        read, answer = ask(INVOCATIONS, body, {b"content-type": media_type, b"accept": media_type})
        assert same(rows, read)
        assert _labels(answer) == labels(rows)


def _labels(answer):
    if answer.media_type == b"application/x-npy":
        return np.load(io.BytesIO(answer.body), allow_pickle=False).tolist()
    return json.loads(answer.body) if answer.media_type == b"application/json" else list(map(int, answer.body.split()))


@given(rows=doubles, field=st.sampled_from(["data", "instances", None]))
def test_torchserve(rows, field):
    value = rows.tolist() if field is None else {field: rows.tolist()}
    read, reply = ask(TORCHSERVE, json.dumps(value))
    assert same(rows, read)
    assert json.loads(reply.body) == labels(rows)


@given(rows=doubles, parameters=st.sampled_from([None, {}, {"a": [1]}]))
def test_vertex_ai(rows, parameters):
    assert same(rows, ask(VERTEX, json.dumps({"instances": rows.tolist(), "parameters": parameters}))[0])


@settings(max_examples=30)
@given(n_rows=st.integers(11, 400), order=orders, path=st.sampled_from([NATIVE, V1]))
def test_many_rows_are_read_like_few(n_rows, order, path):
    """From some hundred bytes on, other readers take over."""
    rows = np.random.default_rng(n_rows).uniform(-10, 10, (n_rows, 4))
    for names in (NAMES, COLUMNS):
        records = [{names[column]: row[column] for column in order} for row in rows.tolist()]
        assert same(rows, ask(path, json.dumps({"instances": records}))[0])


REST = '"sepal_width": 1, "petal_length": 1, "petal_width": 1'
DOUBLED = ['"sepal_length": 2', '"sepal length (cm)": 2', '"sepal_\\u006cength": 2']


@pytest.mark.parametrize("n_others", [0, 50])
@pytest.mark.parametrize("again", DOUBLED)
@pytest.mark.parametrize("path", [NATIVE, V1])
def test_a_column_that_comes_twice_is_refused_by_name_among_few_records_and_many(path, again, n_others):
    good = json.dumps(dict.fromkeys(NAMES, 1.0))
    body = f'{{"instances": [{f"{good}, " * n_others}{{"sepal_length": 1, {again}, {REST}}}]}}'
    with pytest.raises(InvalidInstances, match=r'"sepal.*" comes twice'):
        ask(path, body)


def test_a_column_that_comes_twice_is_refused_by_name_among_columns():
    columns = '{"inputs": {"sepal_length": [1], "sepal_length": [2], "sepal_width": [1], "petal_length": [1]'
    with pytest.raises(InvalidInstances, match='"sepal_length" comes twice'):
        ask(V1, f'{columns}, "petal_width": [1]}}}}')


WRONG_TENSORS = {
    "shape": tensor(np.ones((2, 4)), shape=[1, 4]),
    "ragged": tensor(np.ones((2, 4)), data=[[1, 1, 1, 1], [1, 1, 1]]),
    "too deep": tensor(np.ones((1, 4)), data=[[[1, 1, 1, 1]]]),
    "boolean": tensor(np.ones((1, 4)), data=[[True, 1, 1, 1]]),
    "string": tensor(np.ones((1, 4)), data=[["1", 1, 1, 1]]),
    "null": tensor(np.ones((1, 4)), data=[[None, 1, 1, 1]]),
    "fraction": tensor(np.ones((1, 4)), datatype="INT32", data=[[1.5, 1, 1, 1]]),
    "too large for the datatype": tensor(np.ones((1, 4)), datatype="INT8", data=[[128, 1, 1, 1]]),
    "negative": tensor(np.ones((1, 4)), datatype="UINT8", data=[[-1, 1, 1, 1]]),
    "inexact": tensor(np.ones((1, 4)), datatype="INT64", data=[[2**53 + 1, 1, 1, 1]]),
    "beyond 64 bits": tensor(np.ones((1, 4)), datatype="INT64", data=[[2**64, 1, 1, 1]]),
    "infinite": tensor(np.ones((1, 4)), data=[[3.5e38, 1, 1, 1]]),
    "text": tensor(np.ones((1, 4)), datatype="BYTES"),
    "no rows": tensor(np.ones((0, 4))),
    "no data": {"name": "x", "shape": [1, 4], "datatype": "FP64"},
    "data and bytes": tensor(np.ones((1, 4)), parameters={"binary_data_size": 32}),
}


@pytest.mark.parametrize("wrong", WRONG_TENSORS.values(), ids=WRONG_TENSORS)
def test_a_wrong_tensor_is_refused(wrong):
    with pytest.raises(InvalidInstances):
        ask(INFER, json.dumps({"inputs": [wrong]}))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3.5e38])
@pytest.mark.parametrize("dtype", ["<f8", "<f4", ">f8"])
def test_no_binary_form_takes_a_number_that_is_not_finite(value, dtype):
    with np.errstate(over="ignore"):
        rows = np.array([[1, 1, 1, 1], [1, value, 1, 1]]).astype(dtype)
    stream = io.BytesIO()
    np.save(stream, rows)
    with pytest.raises(InvalidInstances, match="number 5 is NaN, infinite"):
        ask(INVOCATIONS, stream.getvalue(), {b"content-type": b"application/x-npy"})


@pytest.mark.parametrize("size", [0, 31, 33, 64, -32, 10**30])
def test_a_tensors_bytes_must_be_as_many_as_its_shape_says(size):
    head = json.dumps(
        {"inputs": [{"name": "x", "shape": [1, 4], "datatype": "FP64", "parameters": {"binary_data_size": size}}]}
    ).encode()
    headers = {b"inference-header-content-length": str(len(head)).encode()}
    with pytest.raises(InvalidInstances, match="bytes"):
        ask(INFER, head + np.ones(4).tobytes(), headers)


def test_an_npy_file_that_promises_more_than_it_holds_takes_no_memory():
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (10**15, 4)})
    with pytest.raises(TooManyRows):
        ask(INVOCATIONS, stream.getvalue(), {b"content-type": b"application/x-npy"})


def test_a_pickle_in_an_npy_file_is_refused():
    stream = io.BytesIO()
    np.save(stream, np.array([["a", None, 1, 2]], object), allow_pickle=True)
    with pytest.raises(InvalidInstances, match="floats or integers"):
        ask(INVOCATIONS, stream.getvalue(), {b"content-type": b"application/x-npy"})


@pytest.mark.parametrize("media_type", [b"text/csv", b"application/json", b"application/jsonlines"])
def test_no_form_takes_brackets_that_another_would_put_in(media_type):
    """Each form's fast reader puts rows into one JSON list; what closes it early must not count as rows."""
    row = b"1,2,3,4" if media_type == b"text/csv" else b"[1,2,3,4]"
    inside = row + b"\n1,2,3,4],[1,2,3,4" if media_type == b"text/csv" else row + b",[1,2,3,4]"
    with pytest.raises(RequestError):
        ask(INVOCATIONS, inside, {b"content-type": media_type})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (V1, b'{"instances": [[1, 2, 3, 4]], "parameters": {"a": "\xff"}}'),
        (VERTEX, b'{"instances": [[1, 2, 3, 4]], "parameters": {"\xff": 1}}'),
        (INVOCATIONS, b'{"instances": [[1, 2, 3, 4]], "params": {"a": ["\xed\xa0\x80"]}}'),
        (INFER, b'{"inputs": [{"name": "x", "shape": [1, 4], "datatype": "FP64", "data": [1, 2, 3, 4]}], "\xff": 1}'),
    ],
)
def test_a_body_that_is_not_utf8_is_refused_though_what_is_read_is(path, body):
    """JSON is UTF-8, also where nobody reads it; the decoder does not look at text that it skips."""
    with pytest.raises(MalformedJson, match="not UTF-8"):
        ask(path, body)


@pytest.mark.parametrize("number", [b"4", b"+4"], ids=["read as JSON", "read by csv"])
def test_csv_takes_a_carriage_return_only_at_the_end_of_a_line(number):
    """Alone it ends a line for some, and is a space for others."""
    headers = {b"content-type": b"text/csv"}
    assert same([[1, 2, 3, 4]], ask(INVOCATIONS, b"1,2,3," + number + b"\r\n", headers)[0])
    with pytest.raises(InvalidInstances, match="cannot be read as CSV"):
        ask(INVOCATIONS, b"1\r,2,3," + number, headers)


@given(rows=doubles, order=orders)
def test_lines_of_every_kind(rows, order):
    lines = [json.dumps({NAMES[column]: row[column] for column in order}) for row in rows.tolist()]
    for content in (lines, list(map(json.dumps, rows.tolist()))):
        headers = {b"content-type": b"application/jsonlines"}
        assert same(rows, ask(INVOCATIONS, "\n".join(content), headers)[0])


@given(rows=doubles, order=orders, names=spellings)
def test_native_records_in_any_order_and_spelling(rows, order, names):
    records = [{names[column]: row[column] for column in order} for row in rows.tolist()]
    read, reply = ask(NATIVE, json.dumps({"instances": records}))
    assert same(rows, read)
    assert json.loads(reply.body) == {"predictions": labels(rows)}


TWO_ROWS = [[1, 2, 3, 4], [5, 6, 7, 8]]


def test_a_data_frame_names_its_columns_once():
    """Records beside "columns" would be put in order twice."""
    records = [dict(zip(NAMES, row, strict=True)) for row in TWO_ROWS]
    body = {"dataframe_split": {"columns": NAMES[::-1], "data": records}}
    with pytest.raises(InvalidInstances, match='because "columns" names them'):
        ask(INVOCATIONS, json.dumps(body))
