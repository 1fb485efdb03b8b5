"""Which servers are compared: this project's, with nothing that watches the model, some of it, and all of it."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.features.stores import wait_for
from benchmarks.server import ROOT
from benchmarks.server.running import Running, own_server
from benchmarks.server.surroundings import free_ports

OFF, NO_LOG, SOME = "nothing", "page, drift", "page, drift, log of 1 %"
LOG, SHARE, ADDRESS = "FOREST_PREDICTION_LOG", "FOREST_PREDICTION_LOG_SAMPLE", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"
OFF_SWITCHES, ON_SWITCHES = ({"FOREST_UI": switch, "FOREST_DRIFT": switch, LOG: ""} for switch in ("false", "true"))


def variables_of(work: Path, collector: str) -> dict[str, dict[str, str]]:
    """Return what is set for each server, by its name in the tables.

    Args:
        work: a folder for the logs.
        collector: the URL to which logs are sent.
    """
    sent = {LOG: "otlp", ADDRESS: collector}
    return {
        OFF: OFF_SWITCHES,
        NO_LOG: ON_SWITCHES,
        SOME: ON_SWITCHES | {LOG: f"{work / 'some'}", SHARE: "0.01"},
        "page, drift, log of everything": ON_SWITCHES | {LOG: f"{work / 'all'}", SHARE: "1"},
        "page, drift, 1 % to a collector": ON_SWITCHES | sent | {SHARE: "0.01"},
        "page, drift, everything to a collector": ON_SWITCHES | sent | {SHARE: "1"},
    }


@contextlib.contextmanager
def started(work: Path) -> Iterator[dict[str, Running]]:
    """Start all servers side by side, and a collector."""
    with ExitStack() as stack:
        collector = stack.enter_context(collecting())
        yield {
            name: stack.enter_context(own_server(work / f"{number}.log", **variables))
            for number, (name, variables) in enumerate(variables_of(work, collector).items())
        }


@contextlib.contextmanager
def collecting() -> Iterator[str]:
    """Start a collector in a process of its own; yield its URL for logs."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "benchmarks.watching.collector", str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for(lambda: socket.create_connection(("127.0.0.1", port)).close(), OSError)
        yield f"http://127.0.0.1:{port}/v1/logs"
    finally:
        process.terminate()
        process.wait()
