"""What the supervisor does about workers that die, hang or cannot start.

    dies                 another takes its place within LOOK_S seconds and the time that a start takes
    hangs                after HUNG_S seconds without a sign of life it is killed, and another takes its place
    never gets to serve  after MAX_FAILED_STARTS of them in a row the server ends, with exit code 1
    stays after SIGTERM  it is killed, if it hangs

Time is counted in looks: while a whole server stands still, as in a laptop that sleeps or a container that is paused,
none passes.

Holds on: Circus' processes know whether they are being stopped. tests/host/test_hung_worker.py and
test_failing_starts.py show that they do. It can go when Circus looks more often, and at more than whether a process is
there.
"""

import logging
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil

from forest_serving.host import signs_of_life
from forest_serving.host.last_resort import HANGS_S

LOOK_S = 0.2  # a look takes about 0.2 ms
HUNG_S = 30.0
MAX_FAILED_STARTS = 5
START_S = 60.0  # a worker that never gave a sign, as others' do not, and ends later than this had its time
HUNG = "Worker {} gave no sign of life for {:.0f} seconds, so it was killed; another takes its place."
FAILED = (
    "{} workers in a row ended before they could answer, so this server ends; what they wrote above says why, or the "
    "kernel's log if it killed them."
)
_LOG = logging.getLogger("bentoml.forest_serving")  # below BentoML's, so that the supervisor's lines look alike


@dataclass
class Worker:
    """What is known of a worker; times are numbers of looks."""

    born: int
    heard: int | None = None
    has_served: bool = False
    stopping: int | None = None


class Watch:
    """Looks at the workers of one server.

    Args:
        drain_s: how long workers go on after SIGTERM.
    """

    def __init__(self, drain_s: float) -> None:
        self._drain_s = drain_s
        self._signs = signs_of_life.open_pipe()
        self._now = self._n_failed = 0
        self._workers: dict[int, Worker] = {}

    def look(self, processes: Mapping[int, Any]) -> None:
        """Note who is there, kill who hangs; end the server if none can start.

        Args:
            processes: Circus', by process id, before it puts others in the place of the dead.
        """
        self._now += 1
        for sign in signs_of_life.read(self._signs):
            self._note(sign)
        for pid in self._workers.keys() - processes.keys():
            self._bury(self._workers.pop(pid))
        for pid, process in processes.items():
            worker = self._workers.setdefault(pid, Worker(self._now))
            if process.stopping and worker.stopping is None:
                worker.stopping = self._now
            if self._hangs(worker):
                self._kill(process, worker)

    def _note(self, sign: signs_of_life.Sign) -> None:
        worker = self._workers.setdefault(sign.pid, Worker(self._now))
        worker.heard = self._now
        if sign.is_serving and not worker.has_served:
            worker.has_served = True
            self._n_failed = 0

    def _bury(self, worker: Worker) -> None:
        if worker.has_served or worker.stopping is not None:
            return
        if worker.heard is not None or self._since_s(worker.born) < START_S:
            self._n_failed += 1
        if self._n_failed == MAX_FAILED_STARTS:
            os.kill(os.getpid(), signal.SIGQUIT)
            _LOG.error(FAILED.format(MAX_FAILED_STARTS))

    def _hangs(self, worker: Worker) -> bool:
        if worker.heard is None:  # it is still starting, or not one of ours
            return False
        silent_s = self._since_s(worker.heard)
        if worker.stopping is None:
            return silent_s > HUNG_S
        return silent_s > HANGS_S and self._since_s(worker.stopping) > self._drain_s + HANGS_S

    def _since_s(self, look: int) -> float:
        return (self._now - look) * LOOK_S

    def _kill(self, process: Any, worker: Worker) -> None:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
        worker.heard = self._now  # to be dead by the next look is not asked of it
        if worker.stopping is None:
            _LOG.error(HUNG.format(process.pid, HUNG_S))
