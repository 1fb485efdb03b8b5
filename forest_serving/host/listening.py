"""The supervisor listens on the service's address, or ends with one sentence; BentoML would end with a traceback.

Holds on: Circus' sockets bind as Python's do, and BentoML's Arbiter cleans up with its exit_stack.
tests/served/test_taken_port.py and test_microservices.py show that they hold. It can go when BentoML says who has the
port, and cleans up when all workers have left.
"""

import atexit
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bentoml._internal.utils.circus import Arbiter as BentoArbiter
from circus.arbiter import Arbiter
from circus.sockets import CircusSocket

from forest_serving.host.taken_port import refusal


def refuse_in_one_sentence() -> None:
    """End with a sentence if the service's address cannot be listened on."""
    _tell_who_has_the_port()
    _clean_up_at_the_end()


def _tell_who_has_the_port() -> None:
    """Of two servers that start at once, the second may be refused only when it listens."""

    def bind(listener: Any, address: Any) -> None:
        with _refusing(listener):
            socket.socket.bind(listener, address)

    def listen(listener: Any, backlog: int) -> None:
        with _refusing(listener):
            socket.socket.listen(listener, backlog)

    CircusSocket.bind, CircusSocket.listen = bind, listen


@contextmanager
def _refusing(listener: Any) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if listener.is_unix:
            raise
        host, port = listener.host, listener.port
        other = port + 1 if port < 65535 else port - 1
        raise SystemExit(refusal(host, port, error, f"bentoml serve --port {other}")) from None


def _clean_up_at_the_end() -> None:
    """Let BentoML clean up when the process ends. It does so when a stop begins, and after a refusal not at all.

    Among what it removes are the sockets of services that others depend on, which are asked until workers have left.
    """
    start = BentoArbiter.start

    def start_and_clean_up(arbiter: Any, *arguments: Any, **options: Any) -> Any:
        atexit.register(arbiter.exit_stack.close)
        return start(arbiter, *arguments, **options)

    BentoArbiter.start = start_and_clean_up  # type: ignore[method-assign,assignment]
    BentoArbiter.stop = Arbiter.stop  # type: ignore[method-assign]
