"""Leaving without losing a request: after SIGTERM, answer for a while, and tell load balancers to go elsewhere."""

import asyncio
import signal
import threading
from typing import Any


class Drain:
    """Whether this worker is leaving.

    Args:
        drain_s: seconds between SIGTERM and the server's own way of stopping.
    """

    def __init__(self, drain_s: float) -> None:
        self.drain_s = drain_s
        self.has_begun = False

    def arm(self) -> None:
        """Put the drain in front of what uvicorn does on SIGTERM; on SIGINT, leave as uvicorn does on SIGTERM.

        To be called in the worker's event loop, after uvicorn has set its handlers.
        """
        leave: Any = signal.getsignal(signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread() or not callable(leave):
            return  # not in a server
        loop = asyncio.get_running_loop()

        def begin(*_: object) -> None:
            self.has_begun = True
            loop.call_soon_threadsafe(loop.call_later, self.drain_s, leave, signal.SIGTERM, None)

        signal.signal(signal.SIGTERM, begin)
        signal.signal(signal.SIGINT, lambda *_: leave(signal.SIGTERM, None))
