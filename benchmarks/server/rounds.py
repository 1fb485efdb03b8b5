"""Measure all peers, in rounds in which they take turns, so that a machine that slows down slows all of them."""

from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.server.check import wrong_in_batch, wrong_labels
from benchmarks.server.install import install
from benchmarks.server.load import load
from benchmarks.server.machine import versions
from benchmarks.server.peers import Peer
from benchmarks.server.plan import Plan, Say, attempt
from benchmarks.server.rows import N_ALONE, bodies, write_requests
from benchmarks.server.running import Running, prepare, running
from benchmarks.server.usage import usage

CONNECTIONS, MANY_CONNECTIONS, MOST_UNDER_WAY = 32, 256, 64
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
    requests = write_requests(plan.work / f"{peer.name}.requests", peer.path, bodies(peer, plan.in_range))
    with running(peer, plan.prefix, plan.work) as server:
        load(plan.generator, server, requests, CONNECTIONS, WARM_UP_S)
        return figures(plan, server, requests)


def figures(plan: Plan, server: Running, requests: Path) -> dict[str, float | None]:
    """Return the figures of a server that is warm."""
    one, some, many = (
        load(plan.generator, server, requests, n, plan.seconds) for n in (1, CONNECTIONS, MANY_CONNECTIONS)
    )
    rate = min(RATE_SHARE * some.rps, RATE_CAP)
    fixed = load(plan.generator, server, requests, MOST_UNDER_WAY, plan.seconds, rate=rate)
    if failed := one.failed + some.failed + many.failed + fixed.failed:
        raise RuntimeError(f"{failed:,} requests failed")
    return {
        "cpu_us": some.cpu_us,
        "user_us": some.user_us,
        "system_us": some.system_us,
        "generator_us": some.generator_us,
        "rps_1": one.rps,
        "rps_32": some.rps,
        "p50_ms_1": one.p50_ms,
        "p99_ms_32": some.p99_ms,
        "p99_ms_256": many.p99_ms,
        "rate": rate,
        "p50_ms": fixed.p50_ms,
        "p99_ms": fixed.p99_ms,
        "p999_ms": fixed.p999_ms,
        "late_ms": fixed.late_ms,
        "resident_mb": usage(server.pid).resident_bytes / 1e6,
        "ready_s": server.ready_s,
    }


def summary(turns: list[dict[str, Any]]) -> dict[str, dict[str, Any] | None]:
    """Return each figure's median, least, greatest and all; None for one that some round could not give."""
    columns = {name: [turn[name] for turn in turns] for name in turns[0]}
    return {
        name: None if None in all_ else {"median": median(all_), "min": min(all_), "max": max(all_), "rounds": all_}
        for name, all_ in columns.items()
    }
