"""Asking for resources in a gateway of this process."""

import asyncio
import json
from typing import NamedTuple

from forest_serving.features.source import Change
from tests.support.cards import NAMES
from tests.support.in_process import answer_of

WRITER = (b"authorization", b"Bearer writer")
IRIS = dict(zip(NAMES, [5.1, 3.5, 1.4, 0.2], strict=True))
OTHER = dict(zip(NAMES, [6.7, 3.0, 5.2, 2.3], strict=True))
ANY = {"if_match": b"*"}


class Answer(NamedTuple):
    """A reply, its body read as JSON."""

    status: int
    headers: dict
    body: dict

    @property
    def etag(self):
        return self.headers[b"etag"]

    @property
    def error(self):
        return self.body["error"]


async def ask(gateway, method, path, body=None, **headers):
    """Return the answer; headers are given by names with _ for -."""
    fields = [WRITER, *((name.replace("_", "-").encode(), value) for name, value in headers.items())]
    sent = b"" if body is None else json.dumps(body).encode()
    status, found, content = await answer_of(gateway, method, path, fields, sent)
    return Answer(status, found, json.loads(content) if content else {})


def asked(gateway, *args, **headers):
    return asyncio.run(ask(gateway, *args, **headers))


def put(gateway, id="a17", features=IRIS, **headers):
    return asked(gateway, "PUT", f"/features/{id}", {"features": features}, **headers)


def post(gateway, *records):
    return asked(gateway, "POST", "/features", {"features": records})


def ids_of(answer):
    return [record["id"] for record in answer.body["features"]]


def store(features, id, record):
    """Store bytes under an id, as somebody else may."""
    asyncio.run(features.source.change([Change(id, record, None)]))
