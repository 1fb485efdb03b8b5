"""All servers in turns: as much as each answers, then a fixed rate, and each time what is still to be written."""

import re
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

from benchmarks.server.load import Load, load
from benchmarks.server.plan import Say
from benchmarks.server.rows import Rows, bodies, write_requests
from benchmarks.server.running import Running
from benchmarks.server.usage import Usage, usage
from benchmarks.watching.subjects import OFF
from forest_serving.prediction_log.log import GATHER_S

CONNECTIONS, MOST_UNDER_WAY, WARM_UP_S = 32, 64, 1.0
RATE_SHARE = 0.5  # of what the server without anything answers
LOOK_S, IDLE_SHARE, SETTLED_S = 0.5, 0.1, 60  # a server that uses less of a processor has nothing left to write
METRIC = re.compile(r"^forest_prediction_log_(rows|dropped)_total(?:{.*})? (.*)$", re.MULTILINE)


class Turn(NamedTuple):
    """A server's turn: over CONNECTIONS as much as it answers, and at the fixed rate."""

    most: Load
    fixed: Load


class Measured(NamedTuple):
    """What was found.

    Attributes:
        rounds: of each round each server's turn.
        rate: the fixed one, requests/s.
        logged: of each server how many rows are in its log, and how many were to be and were dropped.
    """

    rounds: list[dict[str, Turn]]
    rate: float
    logged: dict[str, dict[str, float]]


class Turns:
    """Lets servers take turns.

    Args:
        generator: the load generator.
        servers: by name.
        requests: the file of what is asked.
        seconds: how long each load lasts.
    """

    def __init__(self, generator: Path, servers: dict[str, Running], requests: Path, seconds: float) -> None:
        self._generator, self._servers, self._requests, self._seconds = generator, servers, requests, seconds

    def measure(self, n_rounds: int, say: Say) -> Measured:
        """Return what was found in some rounds, every other of which goes backwards."""
        for server in self._servers.values():
            load(self._generator, server, self._requests, CONNECTIONS, WARM_UP_S)
        rate = RATE_SHARE * self._most(self._servers[OFF]).rps
        rounds = []
        for number in range(n_rounds):
            say(f"round {number + 1} of {n_rounds}")
            rounds.append({name: self._turn(name, rate) for name in list(self._servers)[:: -1 if number % 2 else 1]})
        return Measured(rounds, rate, {name: logged(server) for name, server in self._servers.items()})

    def _turn(self, name: str, rate: float) -> Turn:
        server = self._servers[name]
        most = self._most(server)
        fixed = load(self._generator, server, self._requests, MOST_UNDER_WAY, self._seconds, rate=rate)
        settle(server)
        return Turn(most, fixed)

    def _most(self, server: Running) -> Load:
        """Load a server; what it writes behind the load counts in the processor time, too."""
        before = usage(server.pid)
        found = load(self._generator, server, self._requests, CONNECTIONS, self._seconds)
        after, n = settle(server), max(1.0, found.rps * self._seconds)
        user_us, system_us = (
            1e6 * each / n for each in (after.user_s - before.user_s, after.system_s - before.system_s)
        )
        return found._replace(user_us=user_us, system_us=system_us)


def settle(server: Running) -> Usage:
    """Return what a server has used once it has written what it has kept: it begins to within GATHER_S."""
    time.sleep(GATHER_S)
    deadline, before = time.monotonic() + SETTLED_S, usage(server.pid)
    while True:
        time.sleep(LOOK_S)
        after = usage(server.pid)
        used_s = after.user_s + after.system_s - before.user_s - before.system_s
        if used_s < IDLE_SHARE * LOOK_S or time.monotonic() > deadline:
            return after
        before = after


def asked_for(work: Path, server: Running, rows: Rows) -> Path:
    """Write what is asked: a row in each request."""
    return write_requests(work / "requests", server.peer.path, bodies(server.peer, rows))


def logged(server: Running) -> dict[str, float]:
    """Return how many rows a server has logged, and how many it was to log and dropped."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=30).read().decode()
    found = {"rows": 0.0, "dropped": 0.0}
    for kind, value in METRIC.findall(text):
        found[kind] += float(value)
    return found
