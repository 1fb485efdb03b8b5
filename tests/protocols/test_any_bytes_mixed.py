"""Any bytes, to any protocol of a model with gaps and categories: an answer, or a refusal; never a fault of ours."""

import asyncio
import json
import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocols.test_any_bytes import ACCEPTS, TYPES, check
from tests.support.cards import CHURN
from tests.support.columns import COLUMNS, NAMES, as_inputs, csv_text
from tests.support.examples import dear
from tests.support.in_process import Recorder, answer_of, gateway_of

PATHS = ["/v2/models/churn/infer", "/v1/models/churn:predict", "/invocations", "/predictions/churn", "/ai"]
ROWS = [[12.0, None, "premium", 7, True], [3, 20.5, "pro, yearly", None, False]]
RECORDS = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
INPUTS, _ = as_inputs(ROWS)
BINARY, CONTENT = as_inputs(ROWS, binary=True)
HEAD = json.dumps({"inputs": BINARY}).encode()
GOOD = [
    json.dumps(value).encode()
    for value in (
        {"inputs": INPUTS},
        {"instances": RECORDS, "parameters": None},
        {"inputs": {name: [row[n] for row in ROWS] for n, name in enumerate(NAMES)}},
        {"dataframe_split": {"columns": NAMES, "data": ROWS}},
        {"instances": ROWS},
        ROWS,
        ROWS[0],
    )
]
GOOD += [HEAD + CONTENT, csv_text(ROWS), csv_text(ROWS, NAMES), b"\n".join(json.dumps(row).encode() for row in ROWS)]
PIECES = [b"[", b"{", b'"', b"1e999", b"null", b"true", b"-", b"9" * 400, b"\n", b",", b'""', b"\\ud800", b"\xff"]


@pytest.fixture(scope="module")
def ask():
    """Return what sends a request through a gateway in this process and returns status, headers and body."""
    gateway = gateway_of(Recorder(CHURN), AIP_PREDICT_ROUTE="/ai")
    logging.disable(logging.WARNING)
    with asyncio.Runner() as runner:
        yield lambda *request: runner.run(answer_of(gateway, "POST", *request))
    logging.disable(logging.NOTSET)


@st.composite
def mutated(draw):
    """Return a good body with a few places changed."""
    body = bytearray(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(body)))
        body[start : start + draw(st.integers(0, 3))] = draw(st.binary(max_size=3) | st.sampled_from(PIECES))
    return bytes(body)


@dear(500)
@given(
    path=st.sampled_from(PATHS),
    body=mutated() | st.binary(max_size=200),
    kinds=st.tuples(st.sampled_from(TYPES), st.sampled_from(ACCEPTS)),
    length=st.sampled_from([None, str(len(HEAD)).encode()]),
)
def test_any_bytes_are_answered_or_refused_in_the_protocols_shape(ask, path, body, kinds, length):
    headers = list(zip((b"content-type", b"accept"), map(str.encode, kinds), strict=True))
    headers += [(b"inference-header-content-length", length)] if length else []
    check(*ask(path, headers, body), path)


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
leaves |= st.sampled_from(["basic", "premium", 3, 7, [], {}, [1], {"a": 1}])
five = st.lists(st.tuples(*[leaves] * 5), min_size=1, max_size=3)


@dear(500)
@given(rows=five, changes=st.dictionaries(st.sampled_from(NAMES), leaves))
def test_any_values_are_answered_or_refused_in_every_form(ask, rows, changes):
    records = [dict(zip(NAMES, row, strict=True)) | changes for row in rows]
    lists = {name: [row[n] for row in rows] for n, name in enumerate(NAMES)}
    inputs = [each | {"shape": [len(rows)], "data": lists[each["name"]]} for each in INPUTS]
    split = {"columns": NAMES[::-1], "data": [row[::-1] for row in rows]}
    for path, body in (
        ("/ai", {"instances": records}),
        ("/v1/models/churn:predict", {"inputs": lists}),
        ("/v2/models/churn/infer", {"inputs": inputs}),
        ("/invocations", {"dataframe_split": split}),
        ("/invocations", rows),
    ):
        check(*ask(path, [], json.dumps(body).encode()), path)


N = 10_000
ROW = b'[12, null, "premium", 7, true]'


def rows(row, n_rows=1):
    """Return a body with so many rows after a good one."""
    return b'{"instances": [' + b", ".join([ROW, *[row] * n_rows]) + b"]}"


HOSTILE = {
    "a category of a megabyte": rows(b'[12, null, "' + b"x" * 1_000_000 + b'", 7, true]'),
    "a category of a megabyte of escapes": rows(b'[12, null, "' + b"\\u0000" * 160_000 + b'", 7, true]'),
    "10,000 unknown categories": rows(b'[1, null, "premum", 7, true]', N - 1),
    "10,000 different ones": b'{"instances": [' + b", ".join(b'[1,1,"%d",7,true]' % n for n in range(N)) + b"]}",
    "deep nesting in a value": rows(b"[12, null, " + b"[" * 200_000 + b"]" * 200_000 + b", 7, true]"),
    "deep objects in a value": rows(b"[12, null, " + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b", 7, true]"),
    "a lone surrogate": rows(b'[12, null, "\\ud800", 7, true]'),
    "a surrogate's bytes": rows(b'[12, null, "\xed\xa0\x80", 7, true]'),
    "a NUL": rows(b'[12, null, "\\u0000", 7, true]'),
    "a NUL by itself": rows(b'[12, null, "\x00", 7, true]'),
    "text turned round": rows(b'[12, null, "\\u202eabc", 7, true]'),
    "a terminal's escape codes": rows(b'[12, null, "\\u001b[31m", 7, true]'),
    "wide characters": rows(b'[12, null, "' + b"\\ud83d\\ude00" * 80_000 + b'", 7, true]'),
    "a million digits": rows(b'[12, null, "basic", ' + b"9" * 1_000_000 + b", true]"),
    "commas in a text": rows(b'[12, null, "' + b"," * 1_000_000 + b'", 7, true]'),
    "brackets in a text": rows(b'[12, null, "' + b"]," * 500_000 + b'", 7, true]'),
    "colons in a text": rows(b'[12, null, "' + b":" * 1_000_000 + b'", 7, true]'),
    "nulls": rows(b"[null, null, null, null, null]", N - 1),
    "empty texts": rows(b'["", "", "", "", ""]', N - 1),
    "records of other names": rows(b'{"tenure": 1, "' + b"x" * 900_000 + b'": 1}'),
}


@pytest.mark.parametrize("path", ["/predict", "/v1/models/churn:predict", "/ai"])
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_body_is_refused_in_time_and_in_few_words(ask, path, body):
    start = time.process_time()
    status, _, reply = ask(path, [], body)
    assert status in (400, 413)
    assert len(reply) < 1500  # sentence and detail
    assert reply.decode().isprintable()
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "line",
    [
        b'12,,"' + b"x" * 1_000_000 + b'",7,true',
        b'12,,"' + b"\n" * 9_000 + b'",7,true',
        b"12,,\x00,7,true",
        b"12,,\xff,7,true",
        b"12,," + b'"' * 9_999 + b",7,true",
        b"," * 500_000,
        b"12,,premum,7,true\n" * 10_000,
        b",,,,\n" * 10_000,
    ],
    ids=lambda line: repr(line[:12]),
)
def test_hostile_csv_is_refused_in_time_and_in_few_words(ask, line):
    start = time.process_time()
    status, _, reply = ask("/invocations", [(b"content-type", b"text/csv")], line)
    assert status in (400, 413)
    assert len(reply) < 1000
    assert time.process_time() - start < 1
