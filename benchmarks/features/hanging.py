"""Requests that bring their rows, alone and while others wait for a store that never answers."""

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks.features.cases import bodies
from benchmarks.features.stores import Rows
from benchmarks.features.subjects import FEATURES
from benchmarks.server.load import load
from benchmarks.server.peers import Peer
from benchmarks.server.plan import Plan
from benchmarks.server.rows import write_requests
from benchmarks.server.running import Running, running

RATE, CONNECTIONS = 1_000, 32  # rows, a second
IDS_RATE, IDS_CONNECTIONS = 100, 1_000
TURNS = 3  # of each in a round, as tails differ
SPARE_S = 30


def hanging(plan: Plan, rows: Rows) -> dict[str, Any]:
    """Return the p99 of requests by row, alone and beside, in ms, and the median of the rounds' ratios."""
    by_row = write_requests(plan.work / "rows.requests", "/predict", bodies(rows, 1, by_row=True))
    by_id = write_requests(plan.work / "ids.requests", "/predict", bodies(rows, 1, by_row=False))
    timeout_s = str(plan.seconds + 1)
    with silent() as url:
        peer = Peer.read("iris").variant("iris-hanging")
        variables = {FEATURES: url, "FOREST_FEATURES_TIMEOUT_S": timeout_s}  # nobody gives up before the load ends
        with running(peer, plan.prefix, plan.work, **variables) as server:

            def p99() -> float:
                return load(plan.generator, server, by_row, CONNECTIONS, plan.seconds, rate=RATE).p99_ms

            p99()
            pairs = []
            for number in range(plan.rounds * TURNS):
                alone = p99() if number % 2 else 0.0
                with waiting(plan, server, str(by_id)):
                    beside = p99()
                pairs.append((alone or p99(), beside))
    alone, beside = (median(column) for column in zip(*pairs, strict=True))
    return {"alone_ms": alone, "beside_ms": beside, "ratio": median(each / first for first, each in pairs)}


@contextlib.contextmanager
def waiting(plan: Plan, server: Running, requests: str) -> Iterator[None]:
    """Send requests by id meanwhile, and wait until all are refused."""
    where = ["-address", f"127.0.0.1:{server.port}", "-requests", requests, "-connections", str(IDS_CONNECTIONS)]
    command = [str(plan.generator), *where, "-rate", str(IDS_RATE), "-seconds", str(plan.seconds)]
    generator = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
        generator.wait(plan.seconds + SPARE_S)
    finally:
        generator.kill()
        generator.wait()


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """Yield the URL of a store that takes connections, as the kernel does for it, and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
