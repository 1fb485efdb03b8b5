"""Asking for resources in a gateway of this process."""

import json
from typing import NamedTuple

from tests.support.in_process import answer_of

WRITER = (b"authorization", b"Bearer writer")


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
