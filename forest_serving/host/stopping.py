"""How a worker stops: it drains on SIGTERM, and leaves at once on SIGINT.

Holds on: uvicorn handles both signals with functions of its server, set before the application starts. It can go when
uvicorn tells an application that it will stop, and waits.
"""

import asyncio
import signal
import threading
from typing import Any

from forest_serving.http.draining import Drain


def arm(drain: Drain) -> None:
    """Put the drain in front of what uvicorn does on SIGTERM; on SIGINT, leave as uvicorn does on SIGTERM.

    To be called in the worker's event loop, after uvicorn has set its handlers.
    """
    leave: Any = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread() or not callable(leave):
        return  # not in a server
    loop = asyncio.get_running_loop()

    def begin(*_: object) -> None:
        drain.has_begun = True
        loop.call_soon_threadsafe(loop.call_later, drain.drain_s, leave, signal.SIGTERM, None)

    signal.signal(signal.SIGTERM, begin)
    signal.signal(signal.SIGINT, lambda *_: leave(signal.SIGTERM, None))
