"""One peer, started and stopped."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.server import ROOT
from benchmarks.server.install import DidNotStart, last_line, run
from benchmarks.server.peers import Peer, read_peers
from benchmarks.server.surroundings import environment_for, free_ports, places
from benchmarks.server.usage import tree

START_S, STOP_S, POLL_S = 60, 15, 0.005
EXAMPLE = [[5.1, 3.5, 1.4, 0.2]]


@dataclass
class Running:
    """A server that has answered.

    Attributes:
        peer: what runs.
        port: where.
        pid: the first of its processes.
        ready_s: seconds from its start to its first answer.
    """

    peer: Peer
    port: int
    pid: int
    ready_s: float = 0.0

    @property
    def url(self) -> str:
        """Where it takes predictions."""
        return f"http://127.0.0.1:{self.port}{self.peer.path}"


def prepare(peer: Peer, prefix: str, work: Path) -> None:
    """Run what a peer needs once before it can start."""
    if peer.prepare:
        names = places(peer, prefix, work)
        command = [part.format(**names) for part in peer.prepare]
        run(command, peer.folder, environment_for(peer, names, work / "prepare"))


@contextlib.contextmanager
def running(peer: Peer, prefix: str, work: Path, **variables: str) -> Iterator[Running]:
    """Start a peer, yield it once it answers, and end all of its processes whatever happens."""
    names, log, home = places(peer, prefix, work), work / f"{peer.name}.log", work / f"home-{free_ports(1)[0]}"
    environment = environment_for(peer, names, home) | variables
    command = [part.format(**names) for part in peer.command]
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=peer.folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    server = Running(peer, names["port"], process.pid)
    try:
        wait_until_ready(server, process, log)
        server.ready_s = time.perf_counter() - start
        yield server
    finally:
        stop(process)


def wait_until_ready(server: Running, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return once the server answers a prediction; raise DidNotStart if it ends before, or takes too long."""
    deadline = time.monotonic() + START_S
    request = urllib.request.Request(server.url, server.peer.request(EXAMPLE), {"Content-Type": "application/json"})
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=10):
            return
        if process.poll() is not None:
            raise DidNotStart(f"it did not start: {last_line(log.read_text(errors='replace'))}")
        time.sleep(POLL_S)
    raise DidNotStart(f"it did not start in {START_S} s: {last_line(log.read_text(errors='replace'))}")


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask a server to end, and end what is left of it."""
    started = tree(process.pid)
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    _, left = psutil.wait_procs(started, timeout=STOP_S)
    for each in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    process.wait()


@contextlib.contextmanager
def own_server(log: Path, **variables: str) -> Iterator[Running]:
    """Start this project's server from here with these variables, yield it once it answers, and end it."""
    (peer,) = read_peers(["iris"])
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "bentoml", "serve", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | variables, stdout=output, stderr=output, start_new_session=True
        )
    server = Running(peer, port, process.pid)
    try:
        wait_until_ready(server, process, log)
        yield server
    finally:
        stop(process)
