"""What needs no key where keys are set: the gateway is asked everything, by every method, under every setting."""

import asyncio
import re
from itertools import product

import pytest

from tests.support.cards import card
from tests.support.in_process import Recorder, answer_of, gateway_of
from tests.support.servers import ROOT
from tools import reference

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "get", "Post", ""]
NOWHERE = [
    "/nothing",
    "",
    "//",
    "/predict/",
    "/livez/",
    "/Livez",
    "/ping/../predict",
    "/static_content",
    "/docs.json/x",
]
OPEN = {"/health", "/healthz", "/livez", "/ping", "/readyz", "/v2/health/live", "/v2/health/ready", "/version"}
OPEN |= {"/", "/v2/models/iris/ready", "/v2/models/iris/versions/v1/ready", "/v1/models/iris"}
OPEN |= {"/v1/models/iris/versions/v1", "/ui", "/ui/", "/ui/model", "/ui/model/"}
OPEN |= {f"/ui/{file.name}" for file in (ROOT / "forest_serving/web/page").iterdir() if file.suffix != ".html"}
DOCS = {"/docs.json", "/static_content/x"}
VERTEX = {"AIP_HEALTH_ROUTE": "/own/health", "AIP_PREDICT_ROUTE": "/own/predict"}
SETTINGS = [  # variables, what they open beside OPEN
    ({}, DOCS),
    ({"FOREST_DOCS_OPEN": "false"}, set()),
    ({"FOREST_METRICS_OPEN": "true", "FOREST_DOCS_OPEN": "false"}, {"/metrics"}),
    (VERTEX, DOCS | {"/own/health"}),
    (VERTEX | {"FOREST_DOCS_OPEN": "false", "FOREST_METRICS_OPEN": "true"}, {"/own/health", "/metrics"}),
]
WRONG = [[], [(b"authorization", b"Bearer wrong")], [(b"accept", b"text/html"), (b"content-type", b"text/html")]]


async def bentoml(scope, receive, send):
    """Stand behind the gateway as BentoML's application does."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def guarded(**variables):
    """Return a gateway with a key."""
    gateway = gateway_of(Recorder(card()), FOREST_API_KEYS="secret", **variables)
    gateway.app = bentoml
    return gateway


def opened(gateway, headers):
    """Return each method and path that is answered with anything but 401."""
    paths = [*gateway.routes, *NOWHERE, *OPEN, *DOCS, "/schema.json"]

    async def ask_all():
        return {
            (method, path)
            for method, path in product(METHODS, paths)
            if (await answer_of(gateway, method, path, headers, b"{"))[0] != 401
        }

    return asyncio.run(ask_all())


@pytest.mark.parametrize("headers", WRONG)
@pytest.mark.parametrize(("variables", "beside"), SETTINGS)
def test_nothing_is_open_but_what_the_table_says(variables, beside, headers):
    """Not even whether a path exists, or which methods and media types it takes."""
    assert opened(guarded(**variables), headers) == set(product(("GET", "HEAD"), OPEN | beside))


@pytest.mark.parametrize(("variables", "beside"), SETTINGS)
def test_the_table_says_what_is_open(variables, beside):
    folded = {"/static_content/*" if path.startswith("/static") else path for path in OPEN | beside}
    assert guarded(**variables).open_places == {f"{m} {path}" for m, path in product(("GET", "HEAD"), folded)}


def test_the_documentation_has_the_same_table():
    """But for the many files of the page, of which it has one line for each kind."""
    shown = {line.split("`")[1] for line in reference.open_without_a_key().splitlines()[2:]}
    variables = {"FOREST_METRICS_OPEN": "true", "AIP_HEALTH_ROUTE": "/own/health"}
    places = {place.partition(" ")[2] for place in guarded(**variables).open_places}
    places = {re.sub(r"/ui/\w+\.(css|js)", r"/ui/*.\1", path) for path in places}
    named = {path.replace("iris", "NAME").replace("versions/v1", "versions/VERSION") for path in places}
    assert shown == (named - {"/own/health"}) | {"$AIP_HEALTH_ROUTE"}


def test_the_key_opens_what_is_closed():
    gateway, key = guarded(), [(b"authorization", b"Bearer secret")]
    assert asyncio.run(answer_of(gateway, "GET", "/model", key))[0] == 200
    assert asyncio.run(answer_of(gateway, "POST", "/livez", key))[0] == 405
    assert asyncio.run(answer_of(gateway, "GET", "/nothing", key))[0] == 404
