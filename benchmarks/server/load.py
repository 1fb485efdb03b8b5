"""Load on a server: as much as it takes over some connections, or a fixed rate; see generator/main.go."""

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

from benchmarks.server.running import Running
from benchmarks.server.usage import usage

SPARE_S = 90  # beyond the planned seconds, before a load is given up


class Load(NamedTuple):
    """What a load measured.

    Attributes:
        rps: requests answered per second.
        user_us: processor µs for each request outside the kernel, in all processes of the server.
        system_us: the same in the kernel.
        generator_us: what the generator used for each request: one million by it is the most that it can send.
        p50_ms: the median latency; of a fixed rate, counted from when a request was due, as the others.
        p99_ms: the latency that 1 % exceed.
        p999_ms: the latency that 0.1 % exceed; None with fewer than 1,000 requests.
        late_ms: by how much the generator itself was late at worst at a fixed rate; a quiet machine keeps it below 1.
        failed: requests without an answer, or with a status other than 200.
    """

    rps: float
    user_us: float
    system_us: float
    generator_us: float
    p50_ms: float
    p99_ms: float
    p999_ms: float | None
    late_ms: float
    failed: int

    @property
    def cpu_us(self) -> float:
        """Processor µs for each request."""
        return self.user_us + self.system_us


def load(  # noqa: PLR0913 - each is another thing that makes a load
    generator: Path,
    server: Running,
    requests: Path,
    connections: int,
    seconds: float,
    *,
    rate: float = 0,
    closes: bool = False,
) -> Load:
    """Load a server: with a rate that many requests per second, else as many as it answers.

    With closes the requests ask for the end of the connection, and each has one of its own.
    """
    address = ["-address", f"127.0.0.1:{server.port}", "-requests", requests, "-connections", connections]
    command = [generator, *address, "-seconds", seconds, "-rate", rate, f"-close={closes}".lower()]
    before = usage(server.pid)
    output = _run([str(part) for part in command], seconds)
    after = usage(server.pid)
    result = json.loads(output)
    n = int(result["answered"])
    used_s = (after.user_s - before.user_s, after.system_s - before.system_s, result["processor_seconds"])
    user_us, system_us, generator_us = (1e6 * each / max(1, n) for each in used_s)
    p999 = result["p999_ms"] if n >= 1000 else None
    latencies_ms = (result["p50_ms"], result["p99_ms"], p999, result["late_ms"])
    return Load(n / result["seconds"], user_us, system_us, generator_us, *latencies_ms, int(result["failed"]))


def _run(command: list[str], seconds: float) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + SPARE_S, check=False)
    if done.returncode:
        raise RuntimeError(f"the generator failed: {done.stderr.strip()[-200:]}")
    return done.stdout
