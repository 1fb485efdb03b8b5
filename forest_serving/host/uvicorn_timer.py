"""How long a connection may wait for a request: uvicorn gives one that has not begun, and one half sent, for ever.

Holds on: HttpToolsProtocol's methods and its one timer. It can go when uvicorn has a deadline for heads, and starts no
timer for each request.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# For a new connection's first head, and for any later one from its first byte. HAProxy's, as shipped, is the same.
HEAD_TIMEOUT_S = 10.0


class TimedConnection(HttpToolsProtocol):
    """A connection that ends when no request comes, or none that gets any further; it has one timer at most.

    Attributes:
        deadline_s: by the loop's clock, when there must be the whole head of a request; None while one is answered.
        has_begun: whether something came since the last answer, which fixed the deadline.
    """

    # Beyond 30 attributes, of which uvicorn's class has 28, Python finds those of an instance more slowly: all of them.
    __slots__ = ("deadline_s", "has_begun", "timer_s")

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        super().connection_made(transport)
        self.has_begun = True
        self.deadline_s: float | None = None
        self.timer_s = 0.0  # when the timer rings
        self.wait(HEAD_TIMEOUT_S)

    def wait(self, seconds: float) -> None:
        """Give up in so many seconds; a timer that rings before that is left alone, and looks again."""
        self.deadline_s = self.loop.time() + seconds
        if self.timeout_keep_alive_task is None or self.timer_s > self.deadline_s:
            self.set_timer(seconds)

    def set_timer(self, seconds: float) -> None:
        """Look again in so many seconds, and not before."""
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        self.timer_s = self.loop.time() + seconds
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """Give up if it is time to; if a request is being answered, the next wait sets the timer anew."""
        self.timeout_keep_alive_task = None
        if self.deadline_s is None:
            return
        left_s = self.deadline_s - self.loop.time()
        if left_s > 0:
            self.set_timer(left_s)
        else:
            self.give_up()

    def give_up(self) -> None:
        """End a connection on which nothing is owed."""
        self.timeout_keep_alive_handler()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; nothing is left to wait for."""
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
