"""What ties a worker to its supervisor: it says that it lives, and leaves when the supervisor is gone.

A supervisor that was killed cannot tell its workers to leave. They would hold the port, which the next start needs, so
they do not drain: they take no more connections, answer what has arrived, and end.

Holds on: Linux' prctl; elsewhere the thread here is enough for workers that run. tests/served/test_killed_supervisor.py
shows that workers leave. It can go when BentoML's workers leave by themselves.
"""

import ctypes
import os
import signal
import sys
from functools import cache
from typing import Any

from forest_serving.host import signs_of_life
from forest_serving.host.bentoml_program import SUPERVISOR_VARIABLE
from forest_serving.host.last_resort import LOOP_S, LastResort

ORPHANS_PATIENCE_S = 4.0  # for what it is answering
_PR_SET_PDEATHSIG = 1  # prctl.h


class Lifeline:
    """A worker's; there is one in a process."""

    def __init__(self) -> None:
        self._supervisor = int(os.environ.get(SUPERVISOR_VARIABLE) or os.getppid())  # it may have died before
        self._is_armed = self._is_serving = False
        self.last_resort = LastResort(lambda: os._exit(1), self._tick)
        if sys.platform == "linux":  # a worker that is stopped goes on when its supervisor dies, and leaves
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGCONT)
        self.last_resort.start()

    def arm(self, loop: Any, server: Any) -> None:
        """Let the event loop speak for the worker from now on, and SIGINT make it leave.

        Args:
            loop: the event loop.
            server: uvicorn's, which knows when it has started.
        """
        self._is_armed = True

        def turn() -> None:
            self.last_resort.turned()
            self._is_serving = server is None or server.started
            if self._is_serving:
                signs_of_life.send(is_serving=True)
            loop.call_later(LOOP_S, turn)

        turn()

    def _tick(self) -> None:
        """Speak for a worker that is still starting, which may take its time; look for the supervisor."""
        if not self._is_serving:
            signs_of_life.send(is_serving=False)
        if os.getppid() != self._supervisor:
            self._leave()

    def _leave(self) -> None:
        if not self._is_armed:
            os._exit(1)
        self.last_resort.leave_after(0, ORPHANS_PATIENCE_S)
        os.kill(os.getpid(), signal.SIGINT)
        self._supervisor = os.getppid()  # once


@cache
def hold() -> Lifeline:
    """Return this worker's lifeline; the first call, as soon as a worker runs code of ours, makes it."""
    return Lifeline()
