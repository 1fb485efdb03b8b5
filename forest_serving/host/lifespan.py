"""A worker's life, as its server tells it to applications: its start, when it is ready, and its end."""

import gc
from collections.abc import Awaitable, Callable

from forest_serving.http.bodies import Message, Receive, Send
from forest_serving.http.gateway import App

_ENDS = ("lifespan.shutdown.complete", "lifespan.shutdown.failed")  # after which uvicorn waits for nothing


class Lifespan:
    """An application of which the events of a server's life are heard.

    Args:
        app: BentoML's application.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self.at_start: Callable[[], None] = lambda: None  # called in the event loop
        self.at_ready: Callable[[], None] = lambda: None  # called before the first request is taken
        self.at_end: Callable[[], None] = lambda: None
        self.close: Callable[[], Awaitable[None]] = _nothing  # awaited before the server is told that all has ended

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Run the application."""
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        self.at_start()
        gc.collect()
        gc.freeze()  # what is loaded by now stays, and need not be looked through again
        gc.set_threshold(50_000, 20, 50)
        await self.app(scope, receive, self._telling(send))
        self.at_end()

    def _telling(self, send: Send) -> Send:
        async def send_and_tell(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self.at_ready()
            if message["type"] in _ENDS:
                await self.close()
            await send(message)

        return send_and_tell


async def _nothing() -> None:
    pass
