"""The load of benchmarks/soak.py: good requests, every refusal, hostile bodies, clients that leave or stall."""

import asyncio
import contextlib
import gzip
import random
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from typing import NamedTuple
from urllib.parse import urlsplit

ROW = b"[5.1, 3.5, 1.4, 0.2]"
N_CLIENTS = 8
PATIENCE_S = 20


class Exchange(NamedTuple):
    """A request and what may come back.

    Attributes:
        sent: the request's bytes.
        statuses: of the answer; none if the client leaves at once.
    """

    sent: bytes
    statuses: frozenset[int] = frozenset()


def exchange(*statuses: int, body: bytes = b"", line: bytes = b"POST /predict", headers: bytes = b"") -> Exchange:
    """Return an exchange; headers are whole lines."""
    length = b"" if b"ontent-Length" in headers or b"chunked" in headers else b"Content-Length: %d\r\n" % len(body)
    head = line + b" HTTP/1.1\r\nHost: x\r\n" + length + headers + b"\r\n"
    return Exchange(head + body, frozenset(statuses))


def rows(number: int) -> bytes:
    """Return a body with a number of rows."""
    return b'{"instances": [' + b", ".join([ROW] * number) + b"]}"


def generated(seed: int = 0) -> Iterator[Exchange]:
    """Yield good bodies with a few bytes changed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    while True:
        body = bytearray(rows(1))
        for _ in range(3):
            body[chance.randrange(len(body))] = chance.randrange(256)
        yield exchange(200, 400, body=bytes(body))


GOOD = exchange(200, body=rows(1))
MIXED = [
    Exchange(GOOD.sent * 20, frozenset({200})),
    exchange(200, body=rows(1), line=b"POST /predict_proba"),
    exchange(200, body=rows(4_000)),
    exchange(200, body=rows(4_000), line=b"POST /predict_proba"),
    exchange(200, line=b"GET /model"),
    exchange(200, line=b"GET /livez"),
    exchange(200, body=b"25\r\n" + rows(1) + b"\r\n0\r\n\r\n", headers=b"Transfer-Encoding: chunked\r\n"),
    exchange(400, body=b"{"),
    exchange(400, body=b'{"instances": [[1, 2, 3]]}'),
    exchange(400, body=b'{"\\ud800": 1}'),
    exchange(400, body=b"[" * 500_000),
    exchange(400, body=b'{"instances": [[1, 2, 3, ' + b"9" * 500_000 + b"]]}"),
    exchange(400, 413, body=b"{" + b",".join(b'"%d":1' % key for key in range(50_000)) + b"}"),
    exchange(400, body=b"zz\r\n", headers=b"Transfer-Encoding: chunked\r\n"),
    exchange(200, body=rows(1), headers=b"Connection: Upgrade\r\nUpgrade: h2c\r\n"),
    exchange(400, line=b"\x16\x03\x01"),
    exchange(404, line=b"GET /nothing"),
    exchange(405, line=b"PUT /predict"),
    exchange(406, 200, body=rows(1), headers=b"Accept: text/html\r\n"),
    exchange(408, body=b"{", headers=b"Content-Length: 9\r\n"),
    exchange(413, body=b" " * 1_100_000),
    exchange(413, 400, body=rows(40_000)),
    exchange(415, body=rows(1), headers=b"Content-Type: text/plain\r\n"),
    exchange(415, body=gzip.compress(b" " * 10_000_000), headers=b"Content-Encoding: gzip\r\n"),
    exchange(body=rows(4_000), line=b"POST /predict_proba"),
    exchange(body=rows(1)[:9], headers=b"Content-Length: 99\r\n"),
    Exchange(b"POST /pre"),
    Exchange(b""),
]


class Traffic:
    """Clients of one server.

    Attributes:
        n_requests: how many requests were sent.
        wrong: answers that were not allowed, counted.
    """

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url).hostname, urlsplit(url).port
        self.n_requests = 0
        self.wrong: Counter[str] = Counter()
        self._mixed, self._generated = cycle(MIXED), generated()

    async def go_on_until(self, deadline: float) -> None:
        """Send until a time.monotonic(): mostly good single rows, in between one of everything else."""
        await asyncio.gather(*(self._client(deadline) for _ in range(N_CLIENTS)))

    async def _client(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            for mixed in (GOOD, GOOD, next(self._generated), next(self._mixed)):
                await self._ask(mixed)

    async def _ask(self, mixed: Exchange) -> None:
        """Send one request on a new connection, and judge the answer's first line."""
        self.n_requests += 1
        reader, writer = await asyncio.open_connection(*self.address)
        with contextlib.suppress(ConnectionError):
            writer.write(mixed.sent)
            if mixed.statuses:
                status = await asyncio.wait_for(reader.read(65_536), PATIENCE_S)
                if status[9:12] not in {b"%d" % allowed for allowed in mixed.statuses}:
                    head, _, body = mixed.sent.partition(b"\r\n\r\n")
                    self.wrong[f"{status[9:12].decode() or 'no answer'} to {head!r} with {body[:40]!r}"] += 1
        writer.close()
