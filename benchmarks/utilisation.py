"""How long one replica's slowest requests take, by how busy it is: what an autoscaler's target is chosen by.

    .venv/bin/python -m benchmarks.utilisation

It measures what one worker of "bentoml serve" answers at most over 32 connections, then sends shares of that rate in
an open loop, in which a latency counts from when the request was due. Server and generator share the machine. It needs
Go and a model in the store ("make train").
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import psutil
from sklearn.datasets import load_iris

from benchmarks.server.install import build_generator, require_go
from benchmarks.server.load import load
from benchmarks.server.machine import machine, stolen
from benchmarks.server.rows import bodies, rows_in_range, write_requests
from benchmarks.server.running import Running, own_server

SHARES = (0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9)
ROUNDS, SECONDS, CONNECTIONS, MOST_UNDER_WAY = 5, 6, 32, 64


class Share(NamedTuple):
    """What one load did.

    Attributes:
        rate: requests sent per second.
        core: processor seconds of the server in each second: 1.0 is one core, all of it.
        p50_ms: the median latency.
        p99_ms: the latency that 1 % exceed.
        least_p99_ms: that of the round in which it was least, when others disturbed the machine least.
        late_ms: by how much the generator itself was late at worst.
        failed: requests without an answer of status 200.
    """

    rate: float
    core: float
    p50_ms: float
    p99_ms: float
    least_p99_ms: float
    late_ms: float
    failed: float


def loaded(generator: Path, server: Running, requests: Path, rate: float) -> Share:
    """Send requests at a rate."""
    result = load(generator, server, requests, MOST_UNDER_WAY, SECONDS, rate=rate)
    core = result.cpu_us * result.rps / 1e6
    return Share(rate, core, result.p50_ms, result.p99_ms, result.p99_ms, result.late_ms, result.failed)


def measure(work: Path) -> tuple[float, dict[float, Share]]:
    """Return the most requests per second, and the medians of what each share of them did.

    The shares take turns, each after a new measurement of the most, so that what else the machine does meets all.
    """
    generator, rows = build_generator(work), rows_in_range(load_iris().data, 1_000)
    runs: dict[float, list[Share]] = {share: [] for share in SHARES}
    most = []
    with own_server(work / "server.log") as server:
        requests = write_requests(work / "requests", server.peer.path, bodies(server.peer, rows))
        load(generator, server, requests, CONNECTIONS, SECONDS)  # warms up
        for _ in range(ROUNDS):
            most.append(load(generator, server, requests, CONNECTIONS, SECONDS).rps)
            for share in SHARES:
                runs[share].append(loaded(generator, server, requests, share * most[-1]))
    return median(most), {share: of_rounds(loads) for share, loads in runs.items()}


def of_rounds(loads: list[Share]) -> Share:
    """Return each figure's median, but the least of least_p99_ms."""
    medians = Share(*(median(column) for column in zip(*loads, strict=True)))
    return medians._replace(least_p99_ms=min(load.least_p99_ms for load in loads))


def table(loads: dict[float, Share]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield "| share of the most | requests/s | of one core | p50, ms | p99, ms | best p99, ms | late, ms | failed |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for share, each in loads.items():
        figures = (
            f"{each.p50_ms:.2f} | {each.p99_ms:.1f} | {each.least_p99_ms:.1f} | {each.late_ms:.1f} | {each.failed:.0f}"
        )
        yield f"| {share:.0%} | {each.rate:,.0f} | {each.core:.0%} | {figures} |"


def main() -> None:
    """Print the figures, and where they were measured."""
    require_go()
    before: Any = psutil.cpu_times()
    facts = machine()
    with tempfile.TemporaryDirectory(prefix="utilisation-") as work:
        most, loads = measure(Path(work))
    print(f"At most {most:,.0f} requests/s, {CONNECTIONS} connections. Medians of {ROUNDS} rounds, {SECONDS} s each.\n")
    print("\n".join(table(loads)))
    print(f"\n{facts['processor']}; load average before: {facts['load average before']}; stolen: {stolen(before)}")


if __name__ == "__main__":
    main()
