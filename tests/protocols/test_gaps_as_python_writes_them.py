"""json.dumps writes NaN and Infinity, which are no JSON: each protocol says where they stand, and what to send."""

import json

import numpy as np
import pandas as pd
import pytest

from forest_serving.errors import MalformedJson
from tests.support.asked import INFER, INVOCATIONS, NATIVE, TORCHSERVE, V1, VERTEX, Asked
from tests.support.cards import CHURN, NAMES

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
