"""What BentoML's supervisor, which is Circus, does otherwise here. Runs once in it, before it starts any worker.

Holds on: Circus' classes and one of BentoML's variables; each function says what for. tests/served/test_draining.py,
tests/host/test_pinning.py and tests/host/test_guards.py show that they hold.
"""

import os
import signal
from contextlib import suppress
from typing import Any

from circus.arbiter import Arbiter
from circus.exc import ConflictError
from circus.sighandler import SysHandler

from forest_serving.host.bentoml_program import SUPERVISOR_VARIABLE, is_command_line
from forest_serving.host.control import close_control

_failed = False


def prepare() -> None:
    """Let nobody command the supervisor; in BentoML's own program also change how workers start, stop and are replaced.

    A program that serves by itself keeps its signals.
    """
    close_control()
    if not is_command_line():
        return
    os.environ[SUPERVISOR_VARIABLE] = str(os.getpid())
    _replace_dead_workers_in_containers_too()
    _leave_at_once_on_ctrl_c()
    _leave_without_tracebacks()
    _fail_on_sigquit()


def _replace_dead_workers_in_containers_too() -> None:
    """Drop a variable of BentoML's images: its one effect is that a dead worker is not replaced, and requests hang.

    It can go when BentoML lets a service choose, or ends the container at once.
    """
    os.environ.pop("BENTOML_CONTAINERIZED", None)


def _leave_at_once_on_ctrl_c() -> None:
    """Pass Ctrl-C on to the workers as SIGINT; Circus sends SIGTERM, on which they drain.

    It can go when Circus passes on the signal that it got.
    """

    def handle_int(handler: Any) -> None:
        for watcher in handler.controller.arbiter.watchers:
            watcher.stop_signal = signal.SIGINT
        handler.quit()

    SysHandler.handle_int = handle_int


def _leave_without_tracebacks() -> None:
    """Keep quiet when the look at the workers, every 10 s, falls into a start or a stop; Circus logs a traceback.

    It can go with https://github.com/circus-tent/circus/issues/1202.
    """
    look = Arbiter.manage_watchers

    def look_unless_busy(arbiter: Any) -> Any:
        with suppress(ConflictError):
            return look(arbiter)
        return None

    Arbiter.manage_watchers = look_unless_busy


def _fail_on_sigquit() -> None:
    """End with exit code 1 on SIGQUIT, which a worker sends that must not serve; Circus ends with 0.

    It can go when a worker can tell Circus not to try again.
    """
    start = Arbiter.start

    def handle_quit(handler: Any) -> None:
        global _failed  # noqa: PLW0603 - there is one supervisor in a process
        _failed = True
        handler.quit()

    def start_and_tell(arbiter: Any, *arguments: Any, **options: Any) -> Any:
        result = start(arbiter, *arguments, **options)  # returns when all workers have left
        if _failed:
            raise SystemExit(1)
        return result

    SysHandler.handle_quit = handle_quit
    Arbiter.start = start_and_tell
