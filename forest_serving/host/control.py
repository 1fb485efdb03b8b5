"""How the supervisor is told what to do: by nobody outside its own process.

Circus, BentoML's supervisor, takes commands (one of them runs any program) from whoever connects to its endpoint, and
BentoML opens that endpoint and another, for events, on ports of 127.0.0.1, which every local user and every page in a
local browser reaches. Here both are inproc://, where no other process can connect. With "bentoml serve --reload" a
process of the same user must: there they are sockets in a private folder.

Holds on: BentoML's subclass of Circus' Arbiter, made with these two options; Circus starts the first workers with
start_watchers, when it listens already. Should an upgrade go round either, the server does not start: workers ask for
the variable that is set here.
tests/served/test_control.py and tests/host/test_control_guard.py show that all this holds. It can go when BentoML opens
no ports, or Circus asks who commands it.
"""

import os
import secrets
import sys
from functools import cache
from typing import Any

import psutil
from bentoml._internal.utils.circus import Arbiter as BentoArbiter
from circus.arbiter import Arbiter

from forest_serving.host.bentoml_program import CLOSED_VARIABLE, REMEDY
from forest_serving.host.private_folder import make_private_folder

SENTENCE = "Others on this machine could command this server, so it does not start: it listens on {}, too. " + REMEDY
_Listener = tuple[int, str]  # file descriptor, address


@cache  # a process may serve more than once
def close_control() -> None:
    """Let no other process command the supervisor; should that fail, let it start no worker."""
    _replace_endpoints()
    _look_before_the_first_worker()


def _replace_endpoints() -> None:
    make = BentoArbiter.__init__

    def make_unreachable(arbiter: Any, *arguments: Any, **options: Any) -> None:
        arbiter.listened_on_before = _listeners()  # by whoever serves from a program of their own
        make(arbiter, *arguments, **options | _endpoints(has_plugin=bool(options.get("plugins"))))

    BentoArbiter.__init__ = make_unreachable  # type: ignore[method-assign,assignment]


def _endpoints(has_plugin: bool) -> dict[str, str]:
    """Return Circus' options for where it takes commands and tells events."""
    place = f"ipc://{make_private_folder()}/" if has_plugin else f"inproc://{secrets.token_hex(8)}-"
    return {"endpoint": f"{place}control", "pubsub_endpoint": f"{place}events"}


def _look_before_the_first_worker() -> None:
    start = Arbiter.start_watchers

    def look_and_start(arbiter: Any, *arguments: Any, **options: Any) -> Any:
        handed_down = {each.fileno() for each in arbiter.sockets.values()}
        new = _listeners() - getattr(arbiter, "listened_on_before", set())
        if others := sorted(address for descriptor, address in new if descriptor not in handed_down):
            print(SENTENCE.format(", ".join(others)), file=sys.stderr, flush=True)  # a thread drops SystemExit's
            raise SystemExit(1)
        for watcher in arbiter.watchers:
            watcher.env[CLOSED_VARIABLE] = str(os.getpid())
        return start(arbiter, *arguments, **options)

    Arbiter.start_watchers = look_and_start


def _listeners() -> set[_Listener]:
    """Return where this process listens with TCP."""
    found = psutil.Process().net_connections(kind="tcp")
    return {(each.fd, f"{each.laddr.ip}:{each.laddr.port}") for each in found if each.status == psutil.CONN_LISTEN}
