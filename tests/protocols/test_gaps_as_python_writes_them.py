"""json.dumps writes NaN and Infinity, which are no JSON: each protocol says where they stand, and what to send."""

import asyncio
import json
from time import process_time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forest_serving.errors import InvalidInstances, MalformedJson
from tests.support.asked import INFER, INVOCATIONS, NATIVE, TORCHSERVE, V1, VERTEX, Asked
from tests.support.cards import CHURN, NAMES, card, feature
from tests.support.in_process import Recorder, answer_of, gateway_of

FRAME = pd.DataFrame([[5.1, 3.5, 1.4, 0.2], [6.7, np.nan, 5.2, 2.3], [6.7, 3.0, 5.2, np.nan]], columns=NAMES)
ROWS, SWAPPED = FRAME.to_numpy().tolist(), FRAME[NAMES[::-1]]
TENSOR = {"name": "x", "shape": [3, 4], "datatype": "FP64"}
BODIES = {
    "native": (NATIVE, {"instances": ROWS}),
    "native, records": (NATIVE, {"instances": SWAPPED.to_dict("records")}),
    "native, many": (NATIVE, {"instances": ROWS * 500}),
    "V1": (V1, {"instances": ROWS}),
    "V1, columns": (V1, {"inputs": FRAME.to_dict("list")}),
    "V1, named input": (V1, {"inputs": {"instances": ROWS}}),
    "V1, named rows": (V1, {"instances": [{"instances": row} for row in ROWS]}),
    "Vertex AI": (VERTEX, {"instances": ROWS, "parameters": None}),
    "TorchServe": (TORCHSERVE, ROWS),
    "TorchServe, data": (TORCHSERVE, {"data": ROWS}),
    "MLflow, split": (INVOCATIONS, {"dataframe_split": SWAPPED.to_dict("split")}),
    "MLflow, records": (INVOCATIONS, {"dataframe_records": SWAPPED.to_dict("records")}),
    "MLflow, inputs": (INVOCATIONS, {"inputs": FRAME.to_dict("list")}),
    "SageMaker": (INVOCATIONS, ROWS),
    "Open Inference": (INFER, {"inputs": [TENSOR | {"data": ROWS}]}),
    "Open Inference, flat": (INFER, {"inputs": [TENSOR | {"data": FRAME.to_numpy().ravel().tolist()}]}),
    "Open Inference, columns": (
        INFER,
        {"inputs": [TENSOR | {"name": n, "shape": [3], "data": FRAME[n].tolist()} for n in NAMES]},
    ),
}
PLACE = r"Row 1, number 1 \(sepal_width\) is NaN, which JSON does not have; this column takes no gaps: fill it in"
ask, ask_churn = Asked(), Asked(CHURN)


@pytest.mark.parametrize(("path", "body"), BODIES.values(), ids=BODIES)
def test_every_protocol_names_row_and_column_of_a_gap(path, body):
    with pytest.raises(MalformedJson, match=PLACE):
        ask(path, json.dumps(body))


@pytest.mark.parametrize("n_before", [0, 3000])
@pytest.mark.parametrize("lines", [ROWS, SWAPPED.to_dict("records"), [{"features": row} for row in ROWS]])
def test_json_lines_name_row_and_column_of_a_gap(lines, n_before):
    body = "\n".join(map(json.dumps, lines[:1] * n_before + lines))
    with pytest.raises(MalformedJson, match=PLACE.replace("Row 1", f"Row {n_before + 1}")):
        ask(INVOCATIONS, body, {b"content-type": b"application/jsonlines"})


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ([3.0, np.nan, "basic", 3, True], r"number 1 \(charges\) is NaN, which JSON does not have; send null\."),
        ([3.0, np.inf, "basic", 3, True], "is Infinity, which JSON does not have; send a finite number, or null if it"),
        ([-np.inf, None, "basic", 3, True], r"is -Infinity, which JSON does not have; send a finite number\."),
        ([3.0, None, "basic", np.nan, True], 'column "region" is NaN, which JSON does not have; send null'),
        ([3.0, None, np.nan, 3, True], 'column "plan" is NaN.*: fill it in, or leave the row out'),
        ([3.0, None, "NaN", np.nan, True], 'column "region" is NaN'),
    ],
)
def test_what_to_send_depends_on_whether_the_column_takes_gaps(row, sentence):
    with pytest.raises(MalformedJson, match=sentence):
        ask_churn(NATIVE, json.dumps({"instances": [row]}))


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("NaN", "at the body"),
        ('{"instances": [NaN]}', "at instances.0"),
        ('{"instances": [[1, 2, 3, 4, NaN]]}', "at instances.0.4"),
        ('{"instances": [[1, 2, 3, 4]], "a": {"b": NaN}}', "at a.b"),
    ],
)
def test_a_constant_that_is_no_value_of_a_row_is_named_by_its_place(body, place):
    with pytest.raises(MalformedJson, match=place):
        ask(NATIVE, body)


@pytest.mark.parametrize(
    "body",
    ['{"instances": ["NaN", }', '{"instances": [[NaN', "[" * 5000 + "NaN", '{"NaN": Infinit}', '{"a": NaN, "a": 1}'],
)
def test_a_body_that_is_no_json_for_another_reason_is_told_so(body):
    with pytest.raises(MalformedJson, match=r"cannot be read as JSON|nested too deeply"):
        ask(NATIVE, body)


KEYS = ["inputs", "instances", "data", "name", "shape", "features", "dataframe_split", "columns", "sepal_length", ""]
LEAVES = st.one_of(st.none(), st.integers(0, 9), st.sampled_from([*KEYS, "\ud800"]))
KEY = st.sampled_from([*KEYS, "\ud800", "x" * 100])
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3), max_leaves=8
)


@st.composite
def trees_with_a_constant(draw):
    """Return what a body holds: NaN, below lists and objects that hold anything besides."""
    value = float("nan")
    for _ in range(draw(st.integers(0, 5))):
        if draw(st.booleans()):
            value = [*draw(st.lists(TREES, max_size=2)), value, *draw(st.lists(TREES, max_size=2))]
        else:
            value = draw(st.dictionaries(KEY, TREES, max_size=2)) | {draw(KEY): value}
    return value


@pytest.mark.parametrize("path", [NATIVE, V1, VERTEX, TORCHSERVE, INVOCATIONS, INFER])
@given(tree=trees_with_a_constant())
@settings(max_examples=100, deadline=None)
def test_wherever_a_constant_stands_it_is_refused_in_words_that_can_be_sent(path, tree):
    with pytest.raises((MalformedJson, InvalidInstances)) as raised:
        ask(path, json.dumps(tree))
    json.dumps([raised.value.message, raised.value.loc], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (NATIVE, '{"inputs": {"x": {"data": NaN}}}'),
        (INFER, '{"inputs": [{"name": "sepal_length", "data": NaN}]}'),
        (NATIVE, '{"\\ud800": NaN}'),
    ],
)
def test_a_constant_at_an_odd_place_is_400_over_http(path, body):
    status, _, sent = asyncio.run(answer_of(gateway_of(Recorder(card())), "POST", path, body=body.encode()))
    assert (status, b"NaN, which JSON does not have, stands at" in sent) == (400, True)


def test_a_long_name_is_not_sent_back():
    with pytest.raises(MalformedJson) as raised:
        ask(NATIVE, json.dumps({"x" * 900_000: np.nan}))
    assert len(raised.value.message) + len(str(raised.value.loc)) < 300


def test_a_constant_is_found_as_fast_in_a_model_of_many_columns():
    """To understand 2,000 columns anew takes 6 ms of processor time."""
    ask_wide = Asked(card("wide", tuple(feature(f"x_{n}") for n in range(2000))))
    times_s = []
    for _ in range(5):
        started = process_time()
        with pytest.raises(MalformedJson, match="NaN"):
            ask_wide(NATIVE, "NaN")
        times_s.append(process_time() - started)
    assert min(times_s) < 0.002


class TestBinaryTensors:
    def test_a_wrong_length_of_the_json_is_told_whatever_the_body_holds(self):
        with pytest.raises(InvalidInstances, match="Inference-Header-Content-Length must be"):
            ask(INFER, '{"inputs": NaN}', {b"inference-header-content-length": b"99"})

    def test_a_constant_is_looked_for_in_the_json_alone(self):
        head = b'{"inputs": [}'
        with pytest.raises(MalformedJson, match="cannot be read as JSON"):
            ask(INFER, head + b"NaN", {b"inference-header-content-length": b"%d" % len(head)})
        head = b'{"inputs": [NaN]}'
        with pytest.raises(MalformedJson, match=r"stands at inputs\.0"):
            ask(INFER, head + b"\xff" * 8, {b"inference-header-content-length": b"%d" % len(head)})


def test_a_body_that_is_not_utf_8_is_no_json_wherever_a_constant_stands():
    with pytest.raises(MalformedJson, match="cannot be read as JSON"):
        ask(NATIVE, b'{"instances": [["\xff", NaN]]}')
