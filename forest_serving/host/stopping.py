"""How a worker stops: it drains on SIGTERM, and leaves at once on SIGINT, or when its supervisor is gone.

Holds on: uvicorn handles both signals with functions of its server, set before the application starts. It can go when
uvicorn tells an application that it will stop, and waits.
"""

import asyncio
import signal
import threading
from typing import Any

from forest_serving.host.guards import uvicorn_server
from forest_serving.host.lifeline import hold
from forest_serving.http.draining import Drain


def arm(drain: Drain, patience_s: float) -> None:
    """Put the drain in front of what uvicorn does on SIGTERM; on SIGINT, leave as uvicorn does on SIGTERM.

    To be called in the worker's event loop, after uvicorn has set its handlers.

    Args:
        drain: the worker's.
        patience_s: how long the last requests may take after it.
    """
    leave: Any = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread() or not callable(leave):
        return  # not in a server
    loop, lifeline = asyncio.get_running_loop(), hold()

    def begin(*_: object) -> None:
        drain.has_begun = True
        lifeline.last_resort.leave_after(drain.drain_s, patience_s)
        loop.call_soon_threadsafe(loop.call_later, drain.drain_s, leave, signal.SIGTERM, None)

    def leave_now(*_: object) -> None:
        lifeline.last_resort.leave_after(0, patience_s)
        leave(signal.SIGTERM, None)

    signal.signal(signal.SIGTERM, begin)
    signal.signal(signal.SIGINT, leave_now)
    lifeline.arm(loop, uvicorn_server())
