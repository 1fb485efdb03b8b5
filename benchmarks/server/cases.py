"""What is compared beyond one row over 32 connections: numbers of connections, of rows, of workers."""

from pathlib import Path

import numpy as np

from benchmarks.server.contest import Case
from benchmarks.server.peers import Peer
from benchmarks.server.plan import Plan
from benchmarks.server.rows import CLOSE, JSON, bodies, rows_in_range, write_requests

CONNECTIONS, NEW_CONNECTIONS = (1, 10, 100, 1_000), 64
ROWS, ROWS_CONNECTIONS, MOST_ROWS, MOST_BODIES = (1, 10, 100, 1_000, 10_000), 8, 20_000, 1_000
WORKERS, WORKERS_CONNECTIONS = (1, 2), 64


def connections(plan: Plan) -> list[Case]:
    """Return a case for each number of connections, and for a new one for each request, beside bare uvicorn's."""
    ours, bare = Peer.read("iris"), Peer.read("uvicorn")
    kinds = [(f"{n:,}", n, False) for n in CONNECTIONS] + [(f"{NEW_CONNECTIONS}, all new", NEW_CONNECTIONS, True)]
    return [
        Case(f"{peer.title}, c={text}", peer, one_row(plan, peer, closes), f"{beside}, c={text}", 1, n, closes)
        for text, n, closes in kinds
        for peer, beside in ((ours, bare.title), (bare, ""))
    ]


def one_row(plan: Plan, peer: Peer, closes: bool = False) -> Path:
    """Write requests of one row, which may ask for the end of the connection."""
    file = plan.work / f"{peer.name}-{closes}.requests"
    return write_requests(file, peer.path, bodies(peer, plan.in_range), JSON | CLOSE if closes else JSON)


def rows(plan: Plan) -> list[Case]:
    """Return a case for each number of rows in a body, beside FastAPI with ONNX Runtime."""
    ours, other = Peer.read("iris"), Peer.read("fastapi-onnx")
    distinct, cases = rows_in_range(np.array(plan.in_range), MOST_ROWS), []
    for n in ROWS:
        for peer, beside in ((ours, other.title), (other, "")):
            asked = bodies(peer, distinct[: n * MOST_BODIES], n)
            file = write_requests(plan.work / f"{peer.name}-{n}.requests", peer.path, asked)
            cases.append(Case(f"{peer.title}, rows={n:,}", peer, file, f"{beside}, rows={n:,}", n, ROWS_CONNECTIONS))
    return cases


def workers(plan: Plan) -> list[Case]:
    """Return a case for one and for two workers of this project."""
    peer = Peer.read("iris")
    file = one_row(plan, peer)
    return [
        Case(f"workers: {n}", with_workers(peer, n), file, "workers: 1" if n > 1 else "", 1, WORKERS_CONNECTIONS)
        for n in WORKERS
    ]


def with_workers(peer: Peer, n: int) -> Peer:
    """Return this project with some workers."""
    options = {"BENTOML_CONFIG_OPTIONS": f"services.IrisClassifier.workers={n}"}
    return peer.variant(f"iris-{n}-workers", environment=peer.environment | options)
