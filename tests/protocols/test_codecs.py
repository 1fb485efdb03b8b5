"""What one protocol's client writes, the codec reads: the same rows, to the bit; and the answers likewise."""

import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from forest_serving.errors import InvalidInstances, RequestError, TooManyRows
from forest_serving.protocols import mlflow, native, open_inference, sagemaker, torchserve, v1_models, vertex
from forest_serving.protocols.endpoint import settled
from forest_serving.rows.named_tensors import TYPES
from forest_serving.schema import DOMAIN_LIMIT, FEATURES
from forest_serving.settings import read_settings

SETTINGS = read_settings({})
NAMES, COLUMNS = [f.name for f in FEATURES], [f.column for f in FEATURES]
LIMIT = np.nextafter(DOMAIN_LIMIT, 0)
doubles = arrays.arrays(np.float64, st.tuples(st.integers(1, 30), st.just(4)), elements=st.floats(-LIMIT, LIMIT))
spellings = st.tuples(*(st.sampled_from(pair) for pair in zip(NAMES, COLUMNS, strict=True)))
orders = st.permutations(range(4))


class Recorder:
    """Stands for the model: keeps the rows that a codec read, and answers with the first number's rounded sign."""

    version = "v1"

    def predict(self, rows):
        self.rows = np.array(rows, np.float64)
        return {"predictions": [int(row[0] > 0) for row in rows]}

    async def predict_array(self, rows):
        return np.array(self.predict(rows)["predictions"])


def read_by(make, *arguments):
    """Return the rows that a codec read from a request, and its reply."""
    recorder = Recorder()
    reply = make(recorder, SETTINGS)(*arguments)
    reply = reply if isinstance(reply, bytes) else settled(reply)
    return recorder.rows, reply


def same(rows, read):
    """Return whether arrays are equal to the bit, but for the sign of zero, which JSON and CSV may lose."""
    return np.array_equal(rows, read)


def labels(rows):
    return [int(row[0] > 0) for row in rows]


def tensor(rows, **others):
    return {"name": "x", "shape": list(rows.shape), "datatype": "FP64", "data": rows.tolist()} | others


@given(rows=doubles, flat=st.booleans())
def test_open_inference_json(rows, flat):
    data = rows.ravel().tolist() if flat else rows.tolist()
    body = json.dumps({"id": "é", "inputs": [tensor(rows, data=data)]}).encode()
    read, answer = read_by(open_inference.inference, {}, body)
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
    read, answer = read_by(open_inference.inference, headers, head + rows.tobytes())
    n = int(dict(answer.headers)[b"inference-header-content-length"])
    assert rows.tobytes() == read.tobytes()
    assert np.frombuffer(answer.body[n:], "<i8").tolist() == labels(rows)


@pytest.mark.parametrize("datatype", ["FP16", "FP32", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT64"])
def test_open_inference_reads_every_datatype_alike_in_json_and_binary(datatype):
    dtype = np.dtype(TYPES[datatype])
    rows = np.array([[1, 2, 3, 4], [5, 6, 7, 100]], dtype)
    in_json, _ = read_by(
        open_inference.inference, {}, json.dumps({"inputs": [tensor(rows, datatype=datatype)]}).encode()
    )
    described = {"name": "x", "shape": [2, 4], "datatype": datatype, "parameters": {"binary_data_size": rows.nbytes}}
    head = json.dumps({"inputs": [described]}).encode()
    headers = {b"inference-header-content-length": str(len(head)).encode()}
    in_binary, _ = read_by(open_inference.inference, headers, head + rows.tobytes())
    assert in_json.tolist() == in_binary.tolist() == rows.tolist()


@given(rows=doubles, order=orders, names=spellings, field=st.sampled_from(["instances", "inputs"]))
def test_v1_records_and_columns_in_any_order_and_spelling(rows, order, names, field):
    records = [{names[column]: row[column] for column in order} for row in rows.tolist()]
    columns = {names[column]: rows[:, column].tolist() for column in order}
    for value in (records, columns, rows.tolist()):
        read, reply = read_by(v1_models.prediction, json.dumps({field: value}).encode())
        assert same(rows, read)
        assert json.loads(reply)["predictions"] == labels(rows)


@given(rows=doubles, order=orders, names=spellings)
def test_mlflow_data_frames_and_csv(rows, order, names):
    columns = [names[column] for column in order]
    split = {"dataframe_split": {"columns": columns, "data": rows[:, order].tolist()}}
    records = {"dataframe_records": [dict(zip(columns, row, strict=True)) for row in rows[:, order].tolist()]}
    for body in (split, records, {"inputs": rows.tolist(), "params": None}, {"instances": rows.tolist()}):
        assert same(rows, read_by(mlflow.from_json, json.dumps(body).encode())[0])
    lines = [",".join(columns), *(",".join(map(repr, row)) for row in rows[:, order].tolist())]
    indexed = [f"{index},{line}" for index, line in zip(["", *range(len(rows))], lines, strict=True)]
    for each in (lines, indexed):
        assert same(rows, read_by(mlflow.from_csv, "\n".join(each).encode())[0])


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
        read, answer = read_by(sagemaker.invocation, {b"content-type": media_type, b"accept": media_type}, body)
        assert same(rows, read)
        assert _labels(answer) == labels(rows)


def _labels(answer):
    if answer.media_type == b"application/x-npy":
        return np.load(io.BytesIO(answer.body), allow_pickle=False).tolist()
    return json.loads(answer.body) if answer.media_type == b"application/json" else list(map(int, answer.body.split()))


@given(rows=doubles, field=st.sampled_from(["data", "instances", None]))
def test_torchserve(rows, field):
    value = rows.tolist() if field is None else {field: rows.tolist()}
    read, reply = read_by(torchserve.prediction, json.dumps(value).encode())
    assert same(rows, read)
    assert json.loads(reply) == labels(rows)


@given(rows=doubles, parameters=st.sampled_from([None, {}, {"a": [1]}]))
def test_vertex_ai(rows, parameters):
    body = json.dumps({"instances": rows.tolist(), "parameters": parameters}).encode()
    assert same(rows, np.array(vertex.decoder(SETTINGS)(body)))


@settings(max_examples=30)
@given(n_rows=st.integers(11, 400), order=orders)
def test_many_rows_are_read_like_few(n_rows, order):
    """From some hundred bytes on, other readers take over."""
    rows = np.random.default_rng(n_rows).uniform(-10, 10, (n_rows, 4))
    for names in (NAMES, COLUMNS):
        records = [{names[column]: row[column] for column in order} for row in rows.tolist()]
        assert same(rows, read_by(v1_models.prediction, json.dumps({"instances": records}).encode())[0])


REST = '"sepal_width": 1, "petal_length": 1, "petal_width": 1'
DOUBLED = ['"sepal_length": 2', '"sepal length (cm)": 2', '"sepal_\\u006cength": 2']


@pytest.mark.parametrize("n_others", [0, 50])
@pytest.mark.parametrize("again", DOUBLED)
def test_a_column_that_comes_twice_is_refused_by_name_among_few_records_and_many(again, n_others):
    good = json.dumps(dict.fromkeys(NAMES, 1.0))
    body = f'{{"instances": [{f"{good}, " * n_others}{{"sepal_length": 1, {again}, {REST}}}]}}'
    with pytest.raises(InvalidInstances, match=r'"sepal.*" comes twice'):
        v1_models.prediction(Recorder(), SETTINGS)(body.encode())


def test_a_column_that_comes_twice_is_refused_by_name_among_columns():
    columns = '{"inputs": {"sepal_length": [1], "sepal_length": [2], "sepal_width": [1], "petal_length": [1]'
    with pytest.raises(InvalidInstances, match='"sepal_length" comes twice'):
        v1_models.prediction(Recorder(), SETTINGS)(f'{columns}, "petal_width": [1]}}}}'.encode())


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
        settled(open_inference.inference(Recorder(), SETTINGS)({}, json.dumps({"inputs": [wrong]}).encode()))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3.5e38])
@pytest.mark.parametrize("dtype", ["<f8", "<f4", ">f8"])
def test_no_binary_form_takes_a_number_that_is_not_finite(value, dtype):
    with np.errstate(over="ignore"):
        rows = np.array([[1, 1, 1, 1], [1, value, 1, 1]]).astype(dtype)
    stream = io.BytesIO()
    np.save(stream, rows)
    with pytest.raises(InvalidInstances, match="number 5 is NaN, infinite"):
        settled(sagemaker.invocation(Recorder(), SETTINGS)({b"content-type": b"application/x-npy"}, stream.getvalue()))


@pytest.mark.parametrize("size", [0, 31, 33, 64, -32, 10**30])
def test_a_tensors_bytes_must_be_as_many_as_its_shape_says(size):
    head = json.dumps(
        {"inputs": [{"name": "x", "shape": [1, 4], "datatype": "FP64", "parameters": {"binary_data_size": size}}]}
    ).encode()
    headers = {b"inference-header-content-length": str(len(head)).encode()}
    with pytest.raises(InvalidInstances, match="bytes"):
        settled(open_inference.inference(Recorder(), SETTINGS)(headers, head + np.ones(4).tobytes()))


def test_an_npy_file_that_promises_more_than_it_holds_takes_no_memory():
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (10**15, 4)})
    with pytest.raises(TooManyRows):
        settled(sagemaker.invocation(Recorder(), SETTINGS)({b"content-type": b"application/x-npy"}, stream.getvalue()))


def test_a_pickle_in_an_npy_file_is_refused():
    stream = io.BytesIO()
    np.save(stream, np.array([["a", None, 1, 2]], object), allow_pickle=True)
    with pytest.raises(InvalidInstances, match="floats or integers"):
        settled(sagemaker.invocation(Recorder(), SETTINGS)({b"content-type": b"application/x-npy"}, stream.getvalue()))


@pytest.mark.parametrize("media_type", [b"text/csv", b"application/json", b"application/jsonlines"])
def test_no_form_takes_brackets_that_another_would_put_in(media_type):
    """Each form's fast reader puts rows into one JSON list; what closes it early must not count as rows."""
    row = b"1,2,3,4" if media_type == b"text/csv" else b"[1,2,3,4]"
    inside = row + b"\n1,2,3,4],[1,2,3,4" if media_type == b"text/csv" else row + b",[1,2,3,4]"
    with pytest.raises(RequestError):
        settled(sagemaker.invocation(Recorder(), SETTINGS)({b"content-type": media_type}, inside))


@given(rows=doubles, order=orders)
def test_lines_of_every_kind(rows, order):
    lines = [json.dumps({NAMES[column]: row[column] for column in order}) for row in rows.tolist()]
    for content in (lines, list(map(json.dumps, rows.tolist()))):
        headers = {b"content-type": b"application/jsonlines"}
        assert same(rows, read_by(sagemaker.invocation, headers, "\n".join(content).encode())[0])


TWO_ROWS = [[1, 2, 3, 4], [5, 6, 7, 8]]
ONE_ROW_AT_MOST = read_settings({"FOREST_MAX_ROWS": "1"})


@pytest.mark.parametrize(
    ("read", "request_"),
    [
        (native.decoder(1), {"instances": TWO_ROWS}),
        (vertex.decoder(ONE_ROW_AT_MOST), {"instances": TWO_ROWS}),
        (torchserve.prediction(Recorder(), ONE_ROW_AT_MOST), TWO_ROWS),
        (mlflow.from_json(Recorder(), ONE_ROW_AT_MOST), {"inputs": TWO_ROWS}),
        (v1_models.prediction(Recorder(), ONE_ROW_AT_MOST), {"inputs": TWO_ROWS}),
        (
            lambda body: settled(open_inference.inference(Recorder(), ONE_ROW_AT_MOST)({}, body)),
            {"inputs": [tensor(np.array(TWO_ROWS))]},
        ),
    ],
)
def test_a_small_limit_on_rows_holds_for_small_bodies_too(read, request_):
    with pytest.raises(TooManyRows):
        read(json.dumps(request_).encode())
