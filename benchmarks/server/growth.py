"""How cost grows with the rows in a body, with connections and with workers, each on running servers."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from benchmarks.server.load import closed_loop, open_loop
from benchmarks.server.peers import Peer
from benchmarks.server.plan import Plan, Say, attempt
from benchmarks.server.rounds import WARM_UP_S
from benchmarks.server.rows import rows_in_range, write_bodies
from benchmarks.server.running import running
from benchmarks.server.trees import trees

ROWS, ROWS_PEERS, ROWS_CONNECTIONS = (1, 10, 100, 1_000, 10_000), ("iris", "fastapi-onnx"), 8
CONNECTIONS, CONNECTIONS_PEERS = (1, 10, 100, 1_000), ("iris", "uvicorn")
WORKERS, WORKERS_CONNECTIONS = (1, 2), 64
NEIGHBOURS, NEIGHBOURS_RATE = (1, 10_000), 500
DISTINCT_ROWS, MOST_BODIES = 20_000, 1_000
Lines = list[dict[str, Any]]


def growth(plan: Plan, names: list[str], say: Say) -> Iterator[dict[str, Any]]:
    """Yield the tables of growth for the peers that take part, each by its name; {"error": reason} for one that failed.

    The first is empty, for those who write what they have so far.
    """
    yield {}
    tables = {"rows": rows, "connections": connections, "workers": workers, "neighbours": neighbours, "trees": engines}
    for name, table in tables.items():
        say(f"how cost grows: {name}")
        yield {name: attempt(partial(lines_of, table, plan, names))}


def lines_of(table: Callable[..., Iterator[dict[str, Any]]], plan: Plan, names: list[str]) -> dict[str, Any]:
    """Return a table's lines."""
    return {"lines": list(table(plan, names))}


def rows(plan: Plan, names: list[str]) -> Iterator[dict[str, Any]]:
    """Yield throughput and cost for each number of rows in a body."""
    distinct = rows_in_range(np.array(plan.in_range), DISTINCT_ROWS)
    for peer in taking_part(ROWS_PEERS, names):
        with running(peer, plan.prefix, plan.work) as server:
            for n in ROWS:
                bodies = write_bodies(plan.work / "growth.bodies", peer, distinct[: n * MOST_BODIES], n)
                load = closed_loop(server, bodies, ROWS_CONNECTIONS, plan.seconds)
                costs = {"rows_per_s": n * load.rps, "cpu_us_per_row": load.cpu_us / n, "failed": load.failed}
                yield {"server": peer.title, "rows": n, "rps": load.rps, **costs}


def connections(plan: Plan, names: list[str]) -> Iterator[dict[str, Any]]:
    """Yield throughput and cost for each number of connections."""
    for peer in taking_part(CONNECTIONS_PEERS, names):
        bodies = write_bodies(plan.work / "growth.bodies", peer, plan.in_range)
        with running(peer, plan.prefix, plan.work) as server:
            closed_loop(server, bodies, CONNECTIONS[-1], WARM_UP_S)
            for n in CONNECTIONS:
                load = closed_loop(server, bodies, n, plan.seconds)
                costs = {"rps": load.rps, "cpu_us": load.cpu_us, "failed": load.failed}
                yield {"server": peer.title, "connections": n, **costs}


def workers(plan: Plan, names: list[str]) -> Iterator[dict[str, Any]]:
    """Yield this project's throughput and cost for each number of workers, under wrk with two threads."""
    for peer in taking_part(("iris",), names):
        bodies = write_bodies(plan.work / "growth.bodies", peer, plan.in_range)
        for n in WORKERS:
            options = {"BENTOML_CONFIG_OPTIONS": f"services.IrisClassifier.workers={n}"}
            with running(peer, plan.prefix, plan.work, **options) as server:
                closed_loop(server, bodies, WORKERS_CONNECTIONS, WARM_UP_S, threads=2)
                load = closed_loop(server, bodies, WORKERS_CONNECTIONS, plan.seconds, threads=2)
            costs = {"rps": load.rps, "cpu_us": load.cpu_us, "failed": load.failed}
            yield {"server": peer.title, "workers": n, **costs}


def neighbours(plan: Plan, names: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the latency of one-row requests while one connection sends bodies of so many rows without a pause."""
    for peer in taking_part(("iris",), names):
        small = write_bodies(plan.work / "small.bodies", peer, plan.in_range)
        distinct = rows_in_range(np.array(plan.in_range), DISTINCT_ROWS)
        with running(peer, plan.prefix, plan.work) as server, ThreadPoolExecutor(1) as beside:
            for n in NEIGHBOURS:
                large = write_bodies(plan.work / "large.bodies", peer, distinct[: 2 * n], n)
                load = beside.submit(closed_loop, server, large, 1, plan.seconds + 1)
                small_load = open_loop(plan.generator, server, small, NEIGHBOURS_RATE, plan.seconds)
                costs = {"p50_ms": small_load.p50_ms, "p99_ms": small_load.p99_ms, "failed": small_load.failed}
                yield {"rows in the other's bodies": n, "the other's req/s": load.result().rps, **costs}


def engines(plan: Plan, names: list[str]) -> Iterator[dict[str, Any]]:
    """Yield what more trees cost this project's engines."""
    if "iris" in names:
        yield from trees(plan.in_range)


def taking_part(wanted: tuple[str, ...], names: list[str]) -> list[Peer]:
    """Return the peers of a table that this run measures."""
    return [Peer.read(name) for name in wanted if name in names]
