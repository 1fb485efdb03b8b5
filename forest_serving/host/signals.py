"""What the supervisor does on a signal.

    SIGTERM          the workers drain, then the server ends
    SIGINT, SIGHUP   the server ends at once: Ctrl-C, and a terminal that is closed
    SIGQUIT          the server ends with exit code 1: a worker must not serve

Holds on: Circus' SysHandler, its handle_… methods and what it keeps of the handlers before its own; Arbiter's start and
stop. tests/served/test_draining.py, test_signals.py and tests/host/test_guards.py show that they hold.
"""

import signal
from typing import Any

from circus.arbiter import Arbiter
from circus.exc import ConflictError
from circus.sighandler import SysHandler

RETRY_S = 0.1
_failed = False


def handle_signals() -> None:
    """Change what the supervisor does on a signal."""
    _stop_when_busy_too()
    _leave_at_once_on_ctrl_c_and_hang_up()
    _fail_on_sigquit()


def _stop_when_busy_too() -> None:
    """Try again while Circus is at something else, such as a look at its workers; it would drop the signal.

    It can go when Circus does.
    """

    def quit_(handler: Any) -> None:
        loop, arbiter = handler.controller.loop, handler.controller.arbiter

        def stop() -> None:
            try:
                arbiter.stop()
            except ConflictError:
                loop.call_later(RETRY_S, stop)

        loop.add_callback_from_signal(stop)

    SysHandler.quit = quit_


def _leave_at_once_on_ctrl_c_and_hang_up() -> None:
    """Pass both on to the workers as SIGINT; Circus sends SIGTERM on the first, on which they drain.

    On SIGHUP it would start workers anew, which changes nothing here: model and settings stay as they were. nohup still
    works. It can go when Circus passes on the signal that it got.
    """

    def handle_int(handler: Any) -> None:
        for watcher in handler.controller.arbiter.watchers:
            watcher.stop_signal = signal.SIGINT
        handler.quit()

    def handle_hup(handler: Any) -> None:
        if not is_hang_up_ignored(handler, signal.SIGHUP):
            handle_int(handler)

    SysHandler.handle_int = handle_int
    SysHandler.handle_hup = handle_hup


def is_hang_up_ignored(handler: Any, number: int) -> bool:
    """Return whether a signal is a SIGHUP that is to have no effect, as under nohup."""
    return number == signal.SIGHUP and handler._old.get(number) is signal.SIG_IGN


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
