"""Measure all peers, in rounds in which they take turns, so that a machine that slows down slows all of them."""

from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.server.check import wrong_in_batch, wrong_labels
from benchmarks.server.install import install
from benchmarks.server.load import closed_loop, open_loop
from benchmarks.server.machine import versions
from benchmarks.server.peers import Peer
from benchmarks.server.plan import Plan, Say, attempt
from benchmarks.server.rows import N_ALONE, write_bodies
from benchmarks.server.running import Running, prepare, running
from benchmarks.server.usage import usage

CONNECTIONS = 32
WARM_UP_S = 1.0
RATE_SHARE, RATE_CAP = 0.5, 5_000  # of a peer's own requests/s over 32 connections; requests/s


def measure_all(plan: Plan, peers: list[Peer], say: Say) -> dict[str, dict[str, Any]]:
    """Return each peer's results by name: its figures, or under "error" why there are none."""
    results: dict[str, dict[str, Any]] = {}
    for peer in peers:
        say(f"installing and checking {peer.name}")
        results[peer.name] = {"title": peer.title} | attempt(partial(first_look, plan, peer))
    turns: dict[str, list[dict[str, float | None]]] = {peer.name: [] for peer in peers}
    for number in range(plan.rounds):
        for peer in peers if number % 2 == 0 else peers[::-1]:
            if "error" not in results[peer.name]:
                say(f"round {number + 1} of {plan.rounds}: {peer.name}")
                turn = attempt(partial(one_turn, plan, peer))
                results[peer.name] |= {"error": turn["error"]} if "error" in turn else {}
                turns[peer.name].append(turn)
    for name, result in results.items():
        if "error" not in result:
            result["figures"] = summary(turns[name])
    return results


def first_look(plan: Plan, peer: Peer) -> dict[str, Any]:
    """Install a peer and compare its answers with the forest's."""
    install(peer, plan.prefix, plan.work)
    prepare(peer, plan.prefix, plan.work)
    with running(peer, plan.prefix, plan.work) as server:
        wrong = {
            "in range": wrong_in_batch(server, plan.forest, plan.in_range),
            "in range, one a body": wrong_labels(server, plan.forest, plan.in_range[:N_ALONE]),
            "at splits": wrong_in_batch(server, plan.forest, plan.at_splits),
            "at splits, one a body": wrong_labels(server, plan.forest, plan.at_splits[:N_ALONE]),
        }
    return {"versions": versions(peer, plan.prefix), "wrong_labels": wrong}


def one_turn(plan: Plan, peer: Peer) -> dict[str, float | None]:
    """Start a peer, load it and stop it; return its figures by name."""
    bodies = write_bodies(plan.work / f"{peer.name}.bodies", peer, plan.in_range)
    with running(peer, plan.prefix, plan.work) as server:
        closed_loop(server, bodies, CONNECTIONS, WARM_UP_S)
        return figures(plan, server, bodies)


def figures(plan: Plan, server: Running, bodies: Path) -> dict[str, float | None]:
    """Return the figures of a server that is warm."""
    one = closed_loop(server, bodies, 1, plan.seconds)
    many = closed_loop(server, bodies, CONNECTIONS, plan.seconds)
    rate = min(RATE_SHARE * many.rps, RATE_CAP)
    fixed = open_loop(plan.generator, server, bodies, rate, plan.seconds)
    if failed := one.failed + many.failed + fixed.failed:
        raise RuntimeError(f"{failed:,.0f} requests failed")
    return {
        "ready_s": server.ready_s,
        "rps_1": one.rps,
        "rps_32": many.rps,
        "cpu_us_1": one.cpu_us,
        "cpu_us": many.cpu_us,
        "user_us": many.user_us,
        "system_us": many.system_us,
        **{name: value for name, value in fixed._asdict().items() if name != "failed"},
        "resident_mb": usage(server.pid).resident_bytes / 1e6,
        "p50_ms_1": one.p50_ms,
        "p99_ms_32": many.p99_ms,
    }


def summary(turns: list[dict[str, Any]]) -> dict[str, dict[str, float] | None]:
    """Return median, least and greatest of each figure; None for one that some round could not give."""
    columns = {name: [turn[name] for turn in turns] for name in turns[0]}
    return {
        name: None if None in column else {"median": median(column), "min": min(column), "max": max(column)}
        for name, column in columns.items()
    }
