"""Serve for a long time under mixed load, and see whether memory or open files grow.

    make soak SOAK_S=600

Trains if there is no model. The load (benchmarks/soak_traffic.py) pauses for each measurement, so that no request is on
its way then: one line a minute, and at the end the growth since the warm-up. That is the first two fifths of the time,
in which the allocator sees everything at its largest. Growth of 2 MB, a file more, or a wrong answer end it with one
sentence and exit code 1.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.soak_traffic import Traffic
from forest_serving.command_line import run, whole
from forest_serving.errors import OperatorError
from tools.serve import wait_until_ready
from tools.train_if_missing import ROOT, train_if_missing

BODY_TIMEOUT_S = 1  # so that stalled bodies end soon
QUIET_S = 10  # in which the server forgets the last clients: its keep-alive is 5 s
N_ROUNDS = 5  # at least


class Sample(NamedTuple):
    """What the worker uses while nobody asks."""

    megabytes: float
    n_files: int


def main() -> int:
    """Soak; return 0 if nothing grew."""
    parser = argparse.ArgumentParser(prog="make soak", description="Serve under mixed load; see whether memory grows.")
    parser.add_argument("--seconds", type=whole(1, 10**7), default=600)
    parser.add_argument("--growth-mb", type=float, default=2.0, help="how much the memory may grow (2)")
    arguments = parser.parse_args()
    train_if_missing()
    with serving() as (url, worker):
        traffic = Traffic(url)
        samples = list(rounds(traffic, worker, arguments.seconds))
    fault = fault_in(traffic, samples[2 * len(samples) // 5 - 1], samples[-1], arguments.growth_mb)
    print(fault or "Nothing grew.", file=sys.stderr if fault else sys.stdout)
    return int(bool(fault))


def rounds(traffic: Traffic, worker: psutil.Process, seconds: int) -> Iterator[Sample]:
    """Yield a sample after each round of load, a minute at most, and print it."""
    start, n_rounds = time.monotonic(), max(N_ROUNDS, round(seconds / 60))
    for number in range(1, n_rounds + 1):
        asyncio.run(traffic.go_on_until(start + seconds * number / n_rounds))
        sample = quiet_sample(worker)
        elapsed = f"{time.monotonic() - start:7.0f} s"
        print(
            f"{elapsed}  {traffic.n_requests:9,} requests  {sample.megabytes:7.2f} MB  {sample.n_files} files",
            flush=True,
        )
        yield sample


def quiet_sample(worker: psutil.Process) -> Sample:
    """Return what the worker uses once it has no connection left."""
    deadline = time.monotonic() + QUIET_S
    while time.monotonic() < deadline and any(entry.raddr for entry in worker.net_connections(kind="tcp")):
        time.sleep(0.05)
    return Sample(worker.memory_info().rss / 1e6, worker.num_fds())


def fault_in(traffic: Traffic, first: Sample, last: Sample, growth_mb: float) -> str:
    """Print the result; return what is bad about it as a sentence, or nothing."""
    growth, files = last.megabytes - first.megabytes, last.n_files - first.n_files
    print(f"{traffic.n_requests:,} requests; since the warm-up {growth:+.2f} MB and {files:+} files")
    if traffic.wrong:
        return f"{traffic.wrong.total()} answers were wrong, most often {traffic.wrong.most_common(1)[0][0]}."
    if growth >= growth_mb:
        return f"The worker's memory grew by {growth:.2f} MB, where less than {growth_mb:g} are allowed."
    if files > 0:
        return f"The worker has more open files than after the warm-up: {last.n_files} instead of {first.n_files}."
    return ""


@contextlib.contextmanager
def serving() -> Iterator[tuple[str, psutil.Process]]:
    """Serve with a copy of the model store, on a free port; yield the URL and the worker."""
    with tempfile.TemporaryDirectory() as home, socket.socket() as probe:
        source = Path(os.environ.get("BENTOML_HOME") or Path.home() / "bentoml")
        shutil.copytree(source / "models", Path(home) / "models", symlinks=True)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        env = os.environ | {"BENTOML_HOME": home, "FOREST_BODY_TIMEOUT_S": str(BODY_TIMEOUT_S), "FOREST_DRAIN_S": "0"}
        command = [sys.executable, "-m", "bentoml", "serve", "--host", "127.0.0.1", "--port", str(port)]
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if not wait_until_ready(lambda: server.poll() is None, f"http://127.0.0.1:{port}"):
                raise OperatorError("The server did not start; make serve says why.")
            (worker,) = psutil.Process(server.pid).children()
            yield f"http://127.0.0.1:{port}", worker
        finally:
            server.terminate()
            server.wait(timeout=60)


if __name__ == "__main__":
    run(main)
