"""Load on a server: as much as it takes over some connections (wrk), or a fixed rate (openloop)."""

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.server.running import Running
from benchmarks.server.usage import usage

HERE = Path(__file__).parent
SPARE_S = 90  # beyond the planned seconds, before a load is given up


class Closed(NamedTuple):
    """What a closed loop measured: every connection sends its next request when the last one is answered.

    Attributes:
        rps: requests answered per second.
        user_us: processor µs for each request outside the kernel, in all processes of the server.
        system_us: the same in the kernel.
        p50_ms: the median latency, seen by wrk.
        p99_ms: the latency that 1 % exceed.
        failed: requests without an answer, or with a status other than 200.
    """

    rps: float
    user_us: float
    system_us: float
    p50_ms: float
    p99_ms: float
    failed: int

    @property
    def cpu_us(self) -> float:
        """Processor µs for each request."""
        return self.user_us + self.system_us


class Open(NamedTuple):
    """What a fixed rate measured. Latencies count from when a request was due.

    Attributes:
        rate: requests sent per second.
        p50_ms: the median latency.
        p99_ms: the latency that 1 % exceed.
        p999_ms: the latency that 0.1 % exceed; None with fewer than 1,000 requests.
        latest_send_ms: by how much the generator itself was late at worst; a quiet machine keeps it below 1.
        failed: as in Closed.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    p999_ms: float | None
    latest_send_ms: float
    failed: int


def closed_loop(server: Running, bodies: Path, connections: int, seconds: float, threads: int = 1) -> Closed:
    """Load a server with wrk."""
    options = [f"-t{threads}", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "30s"]
    before = usage(server.pid)
    output = _run(["wrk", *options, "-s", HERE / "wrk.lua", server.url, "--", bodies], seconds)
    after = usage(server.pid)
    result = json.loads(output.splitlines()[-1])
    requests, failed = result["requests"], result["failed"]
    answered = max(1, requests)
    user_us, system_us = (1e6 * (after[i] - before[i]) / answered for i in (0, 1))
    latencies_ms = (result["p50_us"] / 1e3, result["p99_us"] / 1e3)
    return Closed(requests / result["seconds"], user_us, system_us, *latencies_ms, failed)


def open_loop(generator: Path, server: Running, bodies: Path, rate: float, seconds: float) -> Open:
    """Load a server at a fixed rate."""
    address = ["-address", f"127.0.0.1:{server.port}", "-path", server.peer.path, "-bodies", bodies]
    result = json.loads(_run([generator, *address, "-rate", f"{rate:.3f}", "-seconds", str(seconds)], seconds))
    p50, p99, p999 = (result[name] / 1e3 for name in ("p50_us", "p99_us", "p999_us"))
    p999 = p999 if result["requests"] >= 1000 else None
    return Open(rate, p50, p99, p999, result["latest_send_us"] / 1e3, int(result["failed"]))


def _run(command: list[Any], seconds: float) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=seconds + SPARE_S, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name}: {(done.stderr or done.stdout).strip()[-200:]}")
    return done.stdout
