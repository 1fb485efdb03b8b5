"""How Circus, BentoML's supervisor, is made to look after its workers often, and to end when it is told to.

On SIGTERM a supervisor that hangs tells its workers nothing, and one whose worker hangs waits for ever: the last resort
kills the workers that are left, and ends the supervisor.

Holds on: Circus' Arbiter and its controller, which calls manage_watchers; SysHandler.signal is its handler of signals.
tests/host/test_hung_supervisor.py and tests/attack/test_dead_worker.py show that they hold. It can go when Circus looks
after its workers at once when one dies, and has a limit for how long it takes to stop.
"""

import os
import signal
from contextlib import suppress
from typing import Any

from circus.arbiter import Arbiter
from circus.sighandler import SysHandler

from forest_serving.host.last_resort import HANGS_S, LastResort
from forest_serving.host.watching import LOOK_S, Watch
from forest_serving.settings import Settings


def look_after_workers(settings: Settings) -> None:
    """Change how often Circus looks after its workers, what it looks for, and how long it takes to stop."""
    arbiters: list[Any] = []  # the one whose workers have not left yet
    last_resort = LastResort(lambda: _end(arbiters))
    _look_often(arbiters, last_resort)
    _look_for_hung_workers(Watch(settings.drain_s), last_resort)
    _stop_in_time(settings, last_resort)


def _look_often(arbiters: list[Any], last_resort: LastResort) -> None:
    start = Arbiter.start

    def start_looking(arbiter: Any, *arguments: Any, **options: Any) -> Any:
        arbiters.append(arbiter)
        last_resort.start()
        arbiter.ctrl.check_delay = LOOK_S * 1000
        result = start(arbiter, *arguments, **options)  # returns when all workers have left
        arbiters.clear()
        return result

    Arbiter.start = start_looking


def _look_for_hung_workers(watch: Watch, last_resort: LastResort) -> None:
    manage = Arbiter.manage_watchers

    def look_and_manage(arbiter: Any) -> Any:
        last_resort.turned()
        watch.look(_processes([arbiter]))
        return manage(arbiter)

    Arbiter.manage_watchers = look_and_manage


def _stop_in_time(settings: Settings, last_resort: LastResort) -> None:
    handle = SysHandler.signal
    drains_s = dict.fromkeys((signal.SIGTERM, signal.SIGQUIT), settings.drain_s)
    drains_s |= dict.fromkeys((signal.SIGINT, signal.SIGHUP), 0.0)
    patience_s = settings.body_timeout_s + HANGS_S  # workers have the first, and may need the second

    def leave_and_handle(handler: Any, number: Any, frame: Any = None) -> None:
        if number in drains_s and handler._old.get(number) is not signal.SIG_IGN:  # as under nohup
            last_resort.leave_after(drains_s[number], patience_s)
        handle(handler, number, frame)

    SysHandler.signal = leave_and_handle


def _end(arbiters: list[Any]) -> None:
    for pid in _processes(arbiters):
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # Circus makes each worker the leader of a group
    os._exit(1 if arbiters else 0)


def _processes(arbiters: list[Any]) -> dict[int, Any]:
    return {
        pid: each for arbiter in arbiters for watcher in arbiter.watchers for pid, each in watcher.processes.items()
    }
