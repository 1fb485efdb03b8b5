"""Server-Timing: each stage that a request reached, for whoever prefers to know, whatever the protocol."""

import asyncio
import json
import re

import msgspec
import pytest

from tests.support.cards import NAMES, card
from tests.support.in_process import Recorder, answer_of, gateway_of

PREFER = [(b"prefer", b"server-timing")]
ROW = [5.1, 3.5, 1.4, 0.2]
BY_ROW = {"instances": [ROW]}
STAGES_BY_ROW = ["read", "predict", "write", "total"]
STAGES = ["read", "features", "predict", "write", "total"]
TENSOR = {"inputs": [{"name": "rows", "datatype": "FP64", "shape": [1, 4], "data": ROW}]}
LONG_S = 0.05


class Slow:
    """A store that needs a while for anything."""

    async def find(self, ids):
        await asyncio.sleep(LONG_S)
        record = msgspec.json.encode(dict(zip(NAMES, ROW, strict=True)))
        return [record if id == "a17" else b"{}" if id == "odd" else None for id in ids]


class Broken(Recorder):
    """A model that fails, as soon as it is asked for something else than OpenAPI's example."""

    def answer(self, rows, with_probabilities=False):
        if len(rows) > 1:
            raise ArithmeticError("broken")
        return super().answer(rows, with_probabilities)


def replied(body, headers=PREFER, path="/predict", features=None, model=None, **variables):
    """Return status and headers of the reply to a request."""
    gateway = gateway_of(model or Recorder(card()), features, **variables)
    body = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return asyncio.run(answer_of(gateway, "POST", path, headers, body))[:2]


def times(*args, **options):
    """Return the milliseconds in the reply's header, by stage."""
    told = replied(*args, **options)[1][b"server-timing"].decode()
    found = [re.fullmatch(r"([a-z]+);dur=([0-9]+\.[0-9]+)", each) for each in told.split(", ")]
    return {each[1]: float(each[2]) for each in found}


def test_a_request_that_does_not_ask_is_told_nothing():
    headers = replied(BY_ROW, headers=[])[1]
    assert b"server-timing" not in headers
    assert b"preference-applied" not in headers


def test_one_that_asks_is_told_the_stages_and_that_it_was_heard():
    assert list(times(BY_ROW)) == STAGES_BY_ROW
    assert replied(BY_ROW)[1][b"preference-applied"] == b"server-timing"


def test_all_are_told_where_the_operator_says_so():
    headers = replied(BY_ROW, headers=[], FOREST_SERVER_TIMING="true")[1]
    assert b"server-timing" in headers
    assert b"preference-applied" not in headers


@pytest.mark.parametrize(
    "value",
    [b"Server-Timing", b"respond-async, server-timing", b'server-timing; q="x"', b'a="\\",b", server-timing=""'],
)
def test_preferences_are_read_as_rfc_7240_says(value):
    assert b"server-timing" in replied(BY_ROW, headers=[(b"prefer", value)])[1]


def test_preferences_may_come_in_several_headers():
    headers = [(b"prefer", b"wait=10"), *PREFER]
    assert b"server-timing" in replied(BY_ROW, headers=headers)[1]


@pytest.mark.parametrize("value", [b"", b"timing", b'x="a, server-timing, b"', b"server-timings", b"a;server-timing"])
def test_what_only_looks_like_it_is_no_preference(value):
    assert b"server-timing" not in replied(BY_ROW, headers=[(b"prefer", value)])[1]


def test_the_stages_add_up_to_no_more_than_the_whole():
    told = times({"ids": ["a17"]}, features=Slow())
    assert sum(told.values()) - told["total"] <= told["total"] + 1e-3


def test_waiting_for_the_store_is_the_stage_called_features():
    told = times({"ids": ["a17"]}, features=Slow())
    assert list(told) == STAGES
    assert told["features"] >= LONG_S * 1e3 > told["read"] + told["predict"] + told["write"]


@pytest.mark.parametrize("n_rows", [1, 30_000])
@pytest.mark.parametrize("body", [{"instances": [ROW]}, {"ids": ["a17"]}], ids=["rows", "ids"])
def test_long_bodies_have_the_same_stages(body, n_rows):
    """They are read, looked up and answered in turns."""
    body = {name: rows * n_rows for name, rows in body.items()}
    variables = {"FOREST_MAX_ROWS": "30000", "FOREST_MAX_BODY_BYTES": "2000000"}
    assert list(times(body, features=Slow(), **variables)) == (STAGES if "ids" in body else STAGES_BY_ROW)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/predict_proba", BY_ROW),
        ("/v1/models/iris:predict", BY_ROW),
        ("/v2/models/iris/infer", TENSOR),
        ("/invocations", {"instances": [ROW]}),
        ("/invocations", {"dataframe_split": {"columns": list(NAMES), "data": [ROW]}}),
        ("/predictions/iris", {"instances": [ROW]}),
        ("/vertex", BY_ROW),
    ],
)
def test_every_protocol_is_timed(path, body):
    assert list(times(body, path=path, AIP_PREDICT_ROUTE="/vertex")) == STAGES_BY_ROW


@pytest.mark.parametrize(
    ("body", "status", "reached"),
    [
        (b"{", 400, ["read", "total"]),
        ({"instances": [[1]]}, 400, ["read", "total"]),
        (b'{"instances": [' + b"[1, 2, 3, 4]," * 20_000 + b"x]}", 400, ["read", "total"]),
        ({"ids": ["b3"]}, 404, ["read", "features", "total"]),
        ({"ids": ["odd"]}, 422, ["read", "features", "total"]),
        ({"instances": [ROW, ROW]}, 500, ["read", "predict", "total"]),
    ],
)
def test_an_error_has_the_stages_that_were_reached(body, status, reached):
    options = {"features": Slow(), "model": Broken(card()), "FOREST_MAX_ROWS": "100000"}
    assert replied(body, **options)[0] == status
    assert list(times(body, **options)) == reached


def test_where_nothing_is_known_nothing_is_predicted_but_the_rest_is_told():
    assert list(times({"ids": ["b3"]}, path="/predict?missing=null", features=Slow())) == ["read", "features", "total"]


def test_only_predictions_are_timed():
    """Nor is whoever is refused for the head: how long a key takes to be refused is nobody's business."""
    gateway = gateway_of(Recorder(card()), FOREST_API_KEYS="key", FOREST_SERVER_TIMING="true")
    for method, path in (("GET", "/livez"), ("POST", "/predict"), ("GET", "/nowhere")):
        assert (
            b"server-timing"
            not in asyncio.run(answer_of(gateway, method, path, PREFER, json.dumps(BY_ROW).encode()))[1]
        )
