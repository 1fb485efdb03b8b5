"""What BentoML's supervisor, which is Circus, does otherwise here. Runs once in it, before it starts any worker.

Holds on: Circus' classes and one of BentoML's variables; each function says what for, as do the modules that it calls.
tests/served/test_signals.py and tests/host/test_pinning.py show that they hold.
"""

import os
from contextlib import suppress
from typing import Any

from circus.arbiter import Arbiter
from circus.exc import ConflictError

from forest_serving.host import signs_of_life, tls_check
from forest_serving.host.bentoml_program import SUPERVISOR_VARIABLE, is_command_line
from forest_serving.host.control import close_control
from forest_serving.host.listening import refuse_in_one_sentence
from forest_serving.host.looking_after import look_after_workers
from forest_serving.host.signals import handle_signals
from forest_serving.monitoring import output
from forest_serving.settings import Settings


def prepare(settings: Settings) -> None:
    """Let nobody command the supervisor; in BentoML's own program also change how workers start, stop and are replaced.

    A program that serves by itself keeps its signals. BentoML asks each of several services that one server has.
    """
    if os.environ.get(SUPERVISOR_VARIABLE) == str(os.getpid()):
        return
    close_control()
    for variable in (SUPERVISOR_VARIABLE, signs_of_life.VARIABLE):  # of a server that this one was started from
        os.environ.pop(variable, None)
    if not is_command_line():
        return
    os.environ[SUPERVISOR_VARIABLE] = str(os.getpid())
    output.queue_output()
    _replace_dead_workers_in_containers_too()
    _leave_without_tracebacks()
    handle_signals()
    look_after_workers(settings)
    tls_check.install()
    refuse_in_one_sentence()


def _replace_dead_workers_in_containers_too() -> None:
    """Drop a variable of BentoML's images: its one effect is that a dead worker is not replaced, and requests hang.

    It can go when BentoML lets a service choose, or ends the container at once.
    """
    os.environ.pop("BENTOML_CONTAINERIZED", None)


def _leave_without_tracebacks() -> None:
    """Keep quiet when a look at the workers falls into a start or a stop; Circus logs a traceback.

    It can go with https://github.com/circus-tent/circus/issues/1202.
    """
    look = Arbiter.manage_watchers

    def look_unless_busy(arbiter: Any) -> Any:
        with suppress(ConflictError):
            return look(arbiter)
        return None

    Arbiter.manage_watchers = look_unless_busy
