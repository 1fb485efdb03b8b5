"""How Circus, BentoML's supervisor, is made to look after its workers often, and to end when it is told to.

On SIGTERM a supervisor that hangs tells its workers nothing, and one whose worker hangs waits for ever: the last resort
kills the workers that are left, and ends the supervisor.

Holds on: Circus' Arbiter, its loop, and its controller, which calls manage_watchers; SysHandler.signal is its handler
of signals. tests/served/test_hung_stop.py and tests/attack/test_dead_worker.py show that they hold. It can go when
Circus looks after its workers at once when one dies, and has a limit for how long it takes to stop.
"""

import atexit
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from circus.arbiter import Arbiter
from circus.sighandler import SysHandler

from forest_serving.host.last_resort import HANGS_S, LastResort
from forest_serving.host.signals import is_hang_up_ignored
from forest_serving.host.watching import LOOK_S, Watch
from forest_serving.settings import Settings

TIDY_S = 1.0
NO_WORKER = "No worker is left and none can be started, so this server ends; what was written above says why."


def look_after_workers(settings: Settings) -> None:
    """Change how often Circus looks after its workers, what it looks for, and how long it takes to stop."""
    arbiters: list[Any] = []  # the one whose workers have not left yet
    last_resort, watch = LastResort(lambda: _end(arbiters)), Watch(settings.drain_s)
    patience_s = settings.body_timeout_s + HANGS_S  # workers have the first, and may need the second

    def look() -> None:
        last_resort.turned()
        watch.look(_processes(arbiters))
        if any(arbiter._stopping for arbiter in arbiters):  # also where Circus stops because it cannot start workers
            last_resort.leave_after(settings.drain_s, patience_s)

    _look_often(arbiters, last_resort, look)
    _stop_in_time(settings.drain_s, patience_s, last_resort)


def _look_often(arbiters: list[Any], last_resort: LastResort, look: Callable[[], None]) -> None:
    start = Arbiter.start

    def start_looking(arbiter: Any, *arguments: Any, **options: Any) -> Any:
        arbiters.append(arbiter)
        last_resort.start()
        arbiter.ctrl.check_delay = LOOK_S * 1000
        _look_from_now_on(arbiter, look)
        result = start(arbiter, *arguments, **options)  # returns when all workers have left
        arbiters.clear()
        if isinstance(result.exception(), RuntimeError):  # Circus could not start one, and would show a traceback
            raise SystemExit(NO_WORKER)
        return result

    Arbiter.start = start_looking


def _look_from_now_on(arbiter: Any, look: Callable[[], None]) -> None:
    """Look by a timer of our own; Circus' look, which replaces dead workers, ends when a stop begins."""

    def look_again() -> None:
        look()
        arbiter.loop.call_later(LOOK_S, look_again)

    arbiter.loop.call_later(LOOK_S, look_again)


def _stop_in_time(drain_s: float, patience_s: float, last_resort: LastResort) -> None:
    handle = SysHandler.signal
    drains_s = dict.fromkeys((signal.SIGTERM, signal.SIGQUIT), drain_s)
    drains_s |= dict.fromkeys((signal.SIGINT, signal.SIGHUP), 0.0)

    def leave_and_handle(handler: Any, number: Any, frame: Any = None) -> None:
        if number in drains_s and not is_hang_up_ignored(handler, number):
            last_resort.leave_after(drains_s[number], patience_s)
        handle(handler, number, frame)

    SysHandler.signal = leave_and_handle


def _end(arbiters: list[Any]) -> None:
    code = 1 if arbiters else 0
    for pid in _processes(arbiters):
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # Circus makes each worker the leader of a group
    tidying = threading.Thread(target=atexit._run_exitfuncs, daemon=True)  # folders, the last lines; it may hang, too
    tidying.start()
    tidying.join(TIDY_S)
    os._exit(code)


def _processes(arbiters: list[Any]) -> dict[int, Any]:
    return {
        pid: each
        for arbiter in arbiters
        for watcher in arbiter.watchers
        for pid, each in list(watcher.processes.items())  # the last resort's thread asks while the loop may change it
    }
