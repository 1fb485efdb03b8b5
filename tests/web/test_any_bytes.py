"""Anything, to what the page asks: an answer, or a refusal in a sentence; never a fault of ours."""

import asyncio
import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.errors import InvalidInstances
from forest_serving.rows.instances import InstanceReader
from forest_serving.rows.rows_apart import RowsApart
from forest_serving.turns import at_once
from tests.support.cards import CHURN
from tests.support.in_process import Recorder, answer_of, gateway_of

READER = InstanceReader(CHURN)
GATEWAY = gateway_of(Recorder(CHURN))
ROW = [12.0, 70.5, "premium", 7, True]
RECORD = dict(zip([feature.name for feature in CHURN.features], ROW, strict=True))
AXES = {"x": {"feature": "tenure", "from": 0, "to": 9}, "y": {"feature": "plan"}, "columns": 3, "rows": 400}
BODIES = [
    json.dumps(body).encode()
    for body in ({"instances": [ROW, RECORD]}, {"instance": ROW, **AXES}, {"instance": RECORD, **AXES})
]
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
odd = st.sampled_from(["premium", "premum", 3, 7, 10**400, [], {}, [1], {"a": 1}])
leaves = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=3), odd)
rows = st.lists(leaves, max_size=6) | st.tuples(*map(st.just, ROW)).map(list) | leaves
rows |= st.tuples(st.just(RECORD), st.dictionaries(st.sampled_from(list(RECORD)), leaves)).map(
    lambda two: two[0] | two[1]
)


@st.composite
def mutated(draw):
    """Bodies that work, with a few bytes changed."""
    body = bytearray(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(body)))
        body[start : start + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(body)


def alone(row):
    """Return what the reader of /predict makes of a row by itself; None if it refuses it."""
    try:
        return list(READER.read([row])[0])
    except InvalidInstances:
        return None


@given(instances=st.lists(rows, min_size=1, max_size=5))
def test_a_row_of_a_table_is_read_as_it_would_be_by_itself(instances):
    found = at_once(RowsApart(READER.columns, "an example").read([json.dumps(row).encode() for row in instances]))
    due = [alone(row) for row in instances]
    assert [fault == "" for fault in found.faults] == [row is not None for row in due]
    good = np.array([row for row in due if row is not None], np.float64).reshape(-1, len(ROW))
    assert np.array_equal(found.rows, good, equal_nan=True)


@given(path=st.sampled_from(["/ui/rows", "/ui/regions"]), body=mutated() | st.binary(max_size=200))
def test_any_bytes_are_answered_or_refused_with_a_sentence(path, body):
    status, headers, content = asyncio.run(answer_of(GATEWAY, "POST", path, body=body))
    assert status in (200, 400, 413), content
    if status != 200:
        assert json.loads(content)["error"][-1] in ".?"
    elif path == "/ui/regions":
        assert len(content) == int(headers[b"x-columns"]) * int(headers[b"x-rows"])
