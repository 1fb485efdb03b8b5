"""What one row over 32 connections does not show: more rows, connections, workers and trees, and other protocols."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from benchmarks.server import cases, protocols
from benchmarks.server.contest import Case, contest
from benchmarks.server.load import load
from benchmarks.server.peers import Peer
from benchmarks.server.plan import Plan, Say, attempt
from benchmarks.server.rows import bodies, rows_in_range, write_requests
from benchmarks.server.running import running
from benchmarks.server.trees import trees

NEIGHBOURS, NEIGHBOURS_RATE, NEIGHBOURS_CONNECTIONS = (1, 10_000), 500, 64
Lines = list[dict[str, Any]]
Table = Callable[[Plan, list[str]], Lines]


def growth(plan: Plan, names: list[str], say: Say) -> Iterator[dict[str, Any]]:
    """Yield the tables for the peers that take part, each by its name; {"error": reason} for one that failed.

    The first is empty, for those who write what they have so far.
    """
    yield {}
    contests = {
        "connections": cases.connections,
        "rows": cases.rows,
        "tensors": protocols.tensors,
        "protocols": protocols.one_row,
        "workers": cases.workers,
    }
    tables: dict[str, Table] = {name: partial(lines_of_cases, each) for name, each in contests.items()}
    for name, table in (tables | {"neighbours": neighbours, "trees": engines}).items():
        say(f"a closer look: {name}")
        yield {name: attempt(partial(lines_of, table, plan, names))}


def lines_of(table: Table, plan: Plan, names: list[str]) -> dict[str, Any]:
    """Return a table's lines."""
    return {"lines": table(plan, names)}


def lines_of_cases(wanted: Callable[[Plan], list[Case]], plan: Plan, names: list[str]) -> Lines:
    """Return the lines of those cases whose peers take part."""
    return contest(plan, [case for case in wanted(plan) if (case.peer.like or case.peer.name) in names])


def neighbours(plan: Plan, names: list[str]) -> Lines:
    """Return the latency of one-row requests while one connection sends bodies of so many rows without a pause."""
    return [beside_large(plan, n) for n in NEIGHBOURS] if "iris" in names else []


def beside_large(plan: Plan, n_rows: int) -> dict[str, Any]:
    """Return one line of the neighbours."""
    peer, distinct = Peer.read("iris"), rows_in_range(np.array(plan.in_range), 2 * n_rows)
    small = write_requests(plan.work / "small", peer.path, bodies(peer, plan.in_range))
    large = write_requests(plan.work / "large", peer.path, bodies(peer, distinct, n_rows))
    with running(peer, plan.prefix, plan.work) as server, ThreadPoolExecutor(1) as beside:
        others = beside.submit(load, plan.generator, server, large, 1, plan.seconds + 1)
        ours = load(plan.generator, server, small, NEIGHBOURS_CONNECTIONS, plan.seconds, rate=NEIGHBOURS_RATE)
    figures = {"rows in the other's bodies": f"{n_rows:,}", "the other's req/s": others.result().rps}
    return figures | {"p50_ms": ours.p50_ms, "p99_ms": ours.p99_ms, "failed": ours.failed + others.result().failed}


def engines(plan: Plan, names: list[str]) -> Lines:
    """Return what more trees cost this project's engines."""
    return list(trees(plan.in_range)) if "iris" in names else []
