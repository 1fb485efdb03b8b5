"""What the prediction log costs: servers without it, with 1 % of all requests in it, and with everything, side by side.

    .venv/bin/python -m benchmarks.prediction_log

Each is one worker of "bentoml serve". They take turns: as much as each answers over 32 connections, then a fixed rate,
half of that, in an open loop. Ratios are to the server without a log: medians of the rounds' ratios, and the ratio of
the best rounds, in which others disturbed the machine least. 1.00 is no cost. Server and generator share the machine.
It needs Go and a model in the store ("make train").
"""

import contextlib
import re
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from sklearn.datasets import load_iris

from benchmarks.server.install import build_generator, require_go
from benchmarks.server.load import Load, load
from benchmarks.server.machine import machine, stolen
from benchmarks.server.rows import bodies, rows_in_range, write_requests
from benchmarks.server.running import Running, own_server

ROUNDS, SECONDS, CONNECTIONS, MOST_UNDER_WAY = 60, 0.4, 32, 64  # many short ones: a neighbour meets all alike
OFF = "off"
SAMPLES = {OFF: "", "1 %": "0.01", "everything": "1"}
METRIC = re.compile(r"^forest_prediction_log_(rows|dropped)_total(?:{.*})? (.*)$", re.MULTILINE)


def all_serving(work: Path, stack: contextlib.ExitStack) -> dict[str, Running]:
    """Start a server for each share."""
    found = {}
    for name, share in SAMPLES.items():
        logged = {"FOREST_PREDICTION_LOG": str(work / f"log of {name}"), "FOREST_PREDICTION_LOG_SAMPLE": share}
        found[name] = stack.enter_context(own_server(work / f"{name}.log", **(logged if share else {})))
    return found


def measure(work: Path) -> tuple[dict[str, list[Load]], dict[str, list[Load]], dict[str, dict[str, float]]]:
    """Return each server's rounds of the most, and of the fixed rate, and what its log has and lost in all of them."""
    generator, rows = build_generator(work), rows_in_range(load_iris().data, 1_000)
    with contextlib.ExitStack() as stack:
        servers = all_serving(work, stack)
        peer = servers[OFF].peer
        requests = write_requests(work / "requests", peer.path, bodies(peer, rows))
        rate = load(generator, servers[OFF], requests, CONNECTIONS, SECONDS).rps / 2
        most: dict[str, list[Load]] = {name: [] for name in servers}
        fixed: dict[str, list[Load]] = {name: [] for name in servers}
        for turn in range(ROUNDS):
            for name in list(servers)[:: 1 if turn % 2 else -1]:
                most[name].append(load(generator, servers[name], requests, CONNECTIONS, SECONDS))
                fixed[name].append(load(generator, servers[name], requests, MOST_UNDER_WAY, SECONDS, rate=rate))
        return most, fixed, {name: logged(server) for name, server in servers.items()}


def logged(server: Running) -> dict[str, float]:
    """Return how many rows a server has logged, and how many it was to log and dropped."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=30).read().decode()
    found = {"rows": 0.0, "dropped": 0.0}
    for kind, value in METRIC.findall(text):
        found[kind] += float(value)
    return found


def ratio(figure: str, loads: dict[str, list[Load]], name: str) -> float:
    """Return the median over the rounds of a figure by that of the server without a log."""
    pairs = zip(loads[name], loads[OFF], strict=True)
    return median(getattr(one, figure) / getattr(other, figure) for one, other in pairs)


def best(figure: str, loads: dict[str, list[Load]], name: str) -> float:
    """Return the best of all rounds of a figure by that of the server without a log."""
    of = max if figure == "rps" else min
    one, other = (of(getattr(each, figure) for each in loads[which]) for which in (name, OFF))
    return float(one / other)


def table(
    most: dict[str, list[Load]], fixed: dict[str, list[Load]], counts: dict[str, dict[str, float]]
) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield "| logged | requests/s | × off | best × best | CPU µs/request | × off | best × best | p99, ms | rows | lost |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for name, loads in most.items():
        rps, cpu = (median(getattr(each, figure) for each in loads) for figure in ("rps", "cpu_us"))
        p99_ms = min(each.p99_ms for each in fixed[name])
        speed, cost = (f"{ratio(kind, most, name):.3f} | {best(kind, most, name):.3f}" for kind in ("rps", "cpu_us"))
        figures = f"{rps:,.0f} | {speed} | {cpu:.1f} | {cost} | {p99_ms:.2f}"
        yield f"| {name} | {figures} | {counts[name]['rows']:,.0f} | {counts[name]['dropped']:,.0f} |"


def main() -> None:
    """Print the figures, and where they were measured."""
    require_go()
    before: Any = psutil.cpu_times()
    facts = machine()
    with tempfile.TemporaryDirectory(prefix="prediction-log-") as work:
        lines = list(table(*measure(Path(work))))
    print(f"{CONNECTIONS} connections; {ROUNDS} rounds, {SECONDS} s each; p99 is the best round's, at half the rate.\n")
    print("\n".join(lines))
    print(f"\n{facts['processor']}; load average before: {facts['load average before']}; stolen: {stolen(before)}")


if __name__ == "__main__":
    main()
