"""The lines of a table: cases that take turns on servers that run side by side."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.server.load import Load, load
from benchmarks.server.peers import Peer
from benchmarks.server.plan import Plan
from benchmarks.server.running import running

WARM_UP_S = 0.5
Rounds = Sequence[Mapping[str, Load]]  # a load by its case's name


@dataclass(frozen=True)
class Case:
    """One line.

    Attributes:
        name: its first cell.
        peer: whom it asks.
        requests: a file of what it asks.
        beside: the name of the case that it is compared with; none if that does not take part.
        rows: how many are in each request.
        connections: how many are open.
        closes: whether each request has a connection of its own.
    """

    name: str
    peer: Peer
    requests: Path
    beside: str = ""
    rows: int = 1
    connections: int = 32
    closes: bool = False


def contest(plan: Plan, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Return each case's line: medians of all rounds, of ratios too."""
    with ExitStack() as stack:
        peers = {case.peer.name: case.peer for case in cases}
        servers = {name: stack.enter_context(running(peer, plan.prefix, plan.work)) for name, peer in peers.items()}

        def turn(case: Case, seconds: float) -> Load:
            server = servers[case.peer.name]
            return load(plan.generator, server, case.requests, case.connections, seconds, closes=case.closes)

        for case in cases:
            turn(case, WARM_UP_S)
        rounds = [{case.name: turn(case, plan.seconds) for case in cases} for _ in range(plan.rounds)]
    return [line(case, {each.name: each for each in cases}, rounds) for case in cases]


def line(case: Case, cases: dict[str, Case], rounds: Rounds) -> dict[str, Any]:
    """Return a case's figures; those for rows only if some request has several."""
    loads = [each[case.name] for each in rounds]
    cpu_us, rps, generator_us = (
        median(getattr(each, name) for each in loads) for name in ("cpu_us", "rps", "generator_us")
    )
    figures = {"case": case.name, "cpu_us": cpu_us, "rps": rps}
    if any(each.rows > 1 for each in cases.values()):
        figures |= {"cpu_us_per_row": cpu_us / case.rows, "rows_per_s": rps * case.rows}
    compared = ratios(case, cases.get(case.beside), rounds)
    return figures | compared | {"generator_us": generator_us, "failed": sum(each.failed for each in loads)}


def ratios(case: Case, other: Case | None, rounds: Rounds) -> dict[str, Any]:
    """Return what a row costs, and how many are answered, in ratio to another case in the same round."""
    if other is None:
        return dict.fromkeys(("beside", "times_cpu", "times_rps"))
    rows, pairs = case.rows / other.rows, [(each[case.name], each[other.name]) for each in rounds]
    times_cpu = median(ours.cpu_us / theirs.cpu_us for ours, theirs in pairs) / rows
    times_rps = median(ours.rps / theirs.rps for ours, theirs in pairs) * rows
    return {"beside": other.name, "times_cpu": times_cpu, "times_rps": times_rps}
