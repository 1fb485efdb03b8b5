"""The document of a model with gaps and categories: what follows it is answered, and it says what is refused."""

import asyncio
import json

import pytest
from jsonschema import Draft202012Validator

from forest_serving.rows.csv_schema import csv_pattern
from forest_serving.rows.json_schema import value_schema
from tests.support.cards import CHURN, MIXED, card, categories, feature
from tests.support.in_process import Recorder, answer_of, gateway_of

GATEWAY = gateway_of(Recorder(CHURN), AIP_PREDICT_ROUTE="/vertex")
DOCUMENT = json.loads(asyncio.run(answer_of(GATEWAY, "GET", "/docs.json"))[2])
ROWS = DOCUMENT["components"]["schemas"]["Rows"]
BODIES = {
    (path, media_type): content
    for path, methods in DOCUMENT["paths"].items()
    for media_type, content in methods.get("post", {}).get("requestBody", {}).get("content", {}).items()
}
GOOD = [12, 70.5, "basic", 3, True]


def follows(value, schema=ROWS):
    """Return whether a value follows a schema."""
    return Draft202012Validator(schema | {"components": DOCUMENT["components"]}).is_valid(value)


@pytest.mark.parametrize("place", BODIES, ids=" ".join)
def test_every_example_follows_its_schema_and_is_answered(place):
    (path, media_type), content = place, BODIES[place]
    body = json.dumps(content["example"]) if media_type == "application/json" else content["example"]
    reply = asyncio.run(answer_of(GATEWAY, "POST", path, [(b"content-type", media_type.encode())], body.encode()))
    assert follows(content["example"], content["schema"])
    assert reply[0] == 200, reply


@pytest.mark.parametrize(
    ("position", "value", "is_right"),
    [
        *((0, value, True) for value in (-1, 1e308)),
        *((0, value, False) for value in (-1.5, None, "1", True)),
        *((1, value, True) for value in (None, -3.4028235677973362e38)),
        *((1, value, False) for value in (3.4028235677973366e38, "1")),
        *((2, value, True) for value in ("premium", "pro, yearly")),
        *((2, value, False) for value in ("premum", None, 1)),
        *((3, value, True) for value in (7, 7.0, None, 99)),
        *((3, value, False) for value in ("7", False)),
        *((4, value, True) for value in (False, True)),
        *((4, value, False) for value in (0, 1, None)),
    ],
)
def test_what_follows_the_schema_is_what_is_answered(position, value, is_right):
    row = [*GOOD[:position], value, *GOOD[position + 1 :]]
    status = asyncio.run(answer_of(GATEWAY, "POST", "/predict", body=json.dumps({"instances": [row]}).encode()))[0]
    assert (follows([row]), status) == (is_right, 200 if is_right else 400)


@pytest.mark.parametrize(
    ("line", "is_right"),
    [
        ("12.0,70.5,premium,7,true", True),
        ('0.5,,"pro, yearly",,false', True),
        (",70.5,premium,7,true", False),
        ("-2,70.5,premium,7,true", False),
        ("12,70.5,premum,7,true", False),
        ("12,70.5,premium,7", False),
    ],
)
def test_the_pattern_of_a_line_knows_gaps_and_categories(line, is_right):
    schema = BODIES["/invocations", "text/csv"]["schema"]
    headers = [(b"content-type", b"text/csv")]
    status = asyncio.run(answer_of(GATEWAY, "POST", "/invocations", headers, line.encode()))[0]
    assert (follows(line, schema), status) == (is_right, 200 if is_right else 400)


def test_signs_of_regular_expressions_in_categories_mean_themselves():
    schema = {"type": "string", "pattern": csv_pattern(card("odd", (categories("c", "a.b", "(x|y)*"), feature("n"))))}
    assert follows("a.b,1", schema)
    assert follows("(x|y)*,1", schema)
    assert not follows("a-b,1", schema)


def test_a_schema_says_what_a_column_takes():
    schemas = [value_schema(each) for each in MIXED]
    assert schemas[1]["type"] == ["number", "null"]
    assert schemas[2]["enum"] == ["basic", "premium", "pro, yearly"]
    assert schemas[3]["anyOf"][0]["enum"] == [3, 7, 12, None]
    assert schemas[3]["description"].endswith("; may be missing")
