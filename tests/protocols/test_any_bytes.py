"""Any bytes, to any protocol: an answer, or a refusal in the protocol's shape; never a fault of ours."""

import asyncio
import json
import logging
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.rows.npy import write_npy
from tests.support.examples import dear
from tests.support.in_process import answer_of, gateway_of

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]
NAMES = ["sepal_length", "sepal width (cm)", "petal_length", "petal_width"]
RECORDS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
PARAMETERS = {"binary_data_size": 64}
TENSOR = {"name": "x", "shape": [2, 4], "datatype": "FP64"}
HEAD = json.dumps({"inputs": [TENSOR | {"parameters": PARAMETERS}]}).encode()
GOOD = [
    json.dumps(value).encode()
    for value in (
        {"inputs": [TENSOR | {"data": ROWS}], "outputs": [{"name": "predict_proba"}]},
        {"inputs": [{"name": n, "shape": [1], "datatype": "INT8", "data": [1]} for n in NAMES], "id": "1"},
        {"instances": RECORDS, "parameters": None},
        {"inputs": {name: [1.0, 2.0] for name in NAMES}},
        {"dataframe_split": {"columns": NAMES, "data": ROWS, "index": [0, 1]}},
        {"dataframe_records": RECORDS},
        {"data": ROWS},
        ROWS,
    )
]
GOOD += [
    HEAD + np.array(ROWS).tobytes(),
    write_npy(np.array(ROWS)),
    b"5.1,3.5,1.4,0.2\n1,2,3,4\n",
    ",".join(NAMES).encode() + b"\n1,2,3,4",
    b'{"features": [1, 2, 3, 4]}\n[1, 2, 3, 4]\n',
]
TYPES = ["application/json", "text/csv", "application/x-npy", "application/jsonlines", "application/octet-stream"]
ACCEPTS = ["*/*", "text/csv", "application/x-npy", "text/html", ";q=0", "*/*;q=0"]
SHAPES = {"/v2": {"error"}, "/v1": {"error"}, "/invocations": {"error_code", "message"}}
SHAPES |= {"/predictions": {"code", "type", "message"}, "/ai": {"error", "detail"}}
PATHS = [
    "/v2/models/iris/infer",
    "/v1/models/iris:predict",
    "/invocations",
    "/predictions/iris",
    "/ai",
    "/v2/x",
    "/v1/models/x",
]


@pytest.fixture(scope="module")
def ask(model):
    """Return what sends a request through a gateway in this process and returns status, headers and body."""
    gateway = gateway_of(model, AIP_PREDICT_ROUTE="/ai")
    logging.disable(logging.WARNING)
    with asyncio.Runner() as runner:
        yield lambda *request: runner.run(answer_of(gateway, "POST", *request))
    logging.disable(logging.NOTSET)


def check(status, headers, body, path):
    """Check a reply: a status that a client can bring about, and for a refusal the protocol's shape."""
    assert status in (200, 400, 404, 406, 413, 415)
    if status != 200:
        shape = next(keys for start, keys in SHAPES.items() if path.startswith(start))
        error = json.loads(body)
        sentence = error.get("message") or error["error"]
        assert set(error) == shape
        assert headers[b"content-type"] == b"application/json"
        assert sentence.endswith((".", "?"))
        assert len(body) < 1000
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", sentence)


@st.composite
def mutated(draw):
    """Return a good body with a few places changed."""
    body = bytearray(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(body)))
        change = st.binary(max_size=3) | st.sampled_from([b"[", b"{", b'"', b"1e999", b"null", b"-", b"9" * 400, b"\n"])
        body[start : start + draw(st.integers(0, 3))] = draw(change)
    return bytes(body)


numbers = st.sampled_from(["0", "64", str(len(HEAD)), "-1", "1e3", "9" * 30, "", "²"]) | st.text(max_size=5)


@dear(500)
@given(
    path=st.sampled_from(PATHS),
    body=mutated() | st.binary(max_size=200),
    kinds=st.tuples(st.sampled_from(TYPES) | st.text(max_size=20), st.sampled_from(ACCEPTS) | st.text(max_size=20)),
    lengths=st.lists(numbers, max_size=1),
)
def test_any_bytes_are_answered_or_refused_in_the_protocols_shape(ask, path, body, kinds, lengths):
    headers = list(zip((b"content-type", b"accept"), map(str.encode, kinds), strict=True))
    headers += [(b"inference-header-content-length", length.encode()) for length in lengths]
    check(*ask(path, headers, body), path)


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*NAMES, "columns", "data", "features"]), inner, max_size=4)
    ),
    max_leaves=12,
)
fields = st.sampled_from(
    ["instances", "inputs", "data", "dataframe_split", "dataframe_records", "outputs", "id", "parameters", "params"]
)
tensors = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from([*NAMES, "x"]),
            "shape": st.lists(st.integers(-1, 5) | st.integers(), max_size=3),
            "datatype": st.sampled_from(["FP32", "FP64", "INT64", "UINT8", "BYTES"]),
        },
        optional={"data": values, "parameters": values},
    ),
    max_size=4,
)


@dear(500)
@given(path=st.sampled_from(PATHS), body=st.dictionaries(fields, values | tensors, max_size=3) | values)
def test_any_json_is_answered_or_refused_in_the_protocols_shape(ask, path, body):
    check(*ask(path, [], json.dumps(body).encode()), path)
