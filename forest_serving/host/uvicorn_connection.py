"""Where a request comes in: uvicorn's side of a connection.

uvicorn's inherited data_received parses, and Cycle.run_asgi (uvicorn_reply.py) calls the gateway. Overridden here and
in the classes below is where uvicorn lets a client fill the memory, wait for ever, or mistake one answer for another,
and where it is slow: a connection has one timer, not one for each request.

Holds on: HttpToolsProtocol's methods, its queue of pipelined requests, its FlowControl, and the two names by which
uvicorn finds its classes. tests/host/test_uvicorn_connection.py compares what is written with uvicorn's own; each part
can go when uvicorn does the same by itself.
"""

import asyncio
from collections import deque
from typing import Any

from uvicorn.protocols.http import auto, httptools_impl
from uvicorn.protocols.http.flow_control import FlowControl

from forest_serving.errors import HeadTooSlow, RequestError
from forest_serving.host.uvicorn_bodies import LargeBodies
from forest_serving.host.uvicorn_heads import NOT_HTTP, scope_of_refusal
from forest_serving.host.uvicorn_reply import Cycle
from forest_serving.http.gateway import CAN_STOP

MAX_WAITING = 100  # requests that came in one packet with the one that is being answered


def install(connection: type["Connection"]) -> None:
    """Make uvicorn, told by BentoML to choose by itself, take this class for every connection of this process.

    guards.py makes sure that it does. It can go when BentoML passes on uvicorn's option http.
    """
    auto.AutoHTTPProtocol = connection
    httptools_impl.RequestResponseCycle = Cycle  # type: ignore[misc]  # uvicorn offers no other place


class _Waiting(deque[Any]):
    """The requests of a connection that wait for their turn."""

    def appendleft(self, request: Any) -> None:
        if len(self) >= MAX_WAITING:
            raise ValueError("too many requests wait")  # the parser makes it a 400
        super().appendleft(request)


class _Flow(FlowControl):
    """Reads no more while requests wait; uvicorn reads on after every answer, however many are left."""

    def __init__(self, transport: Any, waiting: _Waiting) -> None:
        super().__init__(transport)
        self.waiting = waiting
        self.is_over = False

    def resume_reading(self) -> None:
        if self.read_paused and not self.waiting and not self.is_over:
            super().resume_reading()


class Connection(LargeBodies):
    """A connection that holds few requests, answers in order, and ends when it waits for long."""

    __slots__ = ()

    def connection_made(self, transport: Any) -> None:
        """Begin; uvicorn offers no place for another flow control or queue."""
        super().connection_made(transport)
        self.pipeline = _Waiting()
        self.flow: _Flow = _Flow(transport, self.pipeline)

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for one; uvicorn starts a timer here, each time."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self.wait_for_next()

    def wait_for_next(self) -> None:
        """Wait for another request."""
        self.has_begun = False
        self.n_pending_bytes = 0  # empty lines
        self.deadline_s = self.loop.time() + self.timeout_keep_alive
        if self.timeout_keep_alive_task is None or self.timer_s > self.deadline_s:
            self.set_timer(self.timeout_keep_alive)

    def give_up(self) -> None:
        """End a connection that waits for too long; whoever has begun a head is told why."""
        if not self.is_in_head() or self.is_over or self.transport.is_closing():
            super().give_up()
        else:
            self.refuse(HeadTooSlow("The headers did not arrive in time; send the request again."))

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer what came whole before the client said that it sends no more; uvicorn closes at once."""
        newest = self.cycle
        if newest is None or newest.more_body or newest.response_complete or self.scheme == "https":
            return False
        if CAN_STOP in newest.scope:  # a browser that leaves looks like a client that only sends no more
            return False
        newest.keep_alive = False
        self.is_over = self.flow.is_over = True
        return True

    def shutdown(self) -> None:
        """Close an idle TLS connection at once: its client need not answer the farewell that uvicorn waits for."""
        super().shutdown()
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and self.scheme == "https" and not self.transport.get_write_buffer_size():
            self.transport.abort()

    def _should_upgrade(self) -> bool:
        return False

    def refuse_syntax(self, msg: str) -> None:
        """Refuse what cannot be parsed, but not before the answers that are owed."""
        newest = self.cycle
        is_answered = newest is None or newest.response_complete
        is_waiting = bool(self.pipeline) and self.pipeline[0][0] is newest
        if is_answered or (newest.more_body and not is_waiting):
            super().refuse_syntax(msg)
            return
        if newest.more_body:  # its body is what is broken
            self.pipeline[0] = (newest, _answer_400)
        newest.keep_alive = False
        self._read_no_more()

    def refuse(self, fault: RequestError) -> None:
        """Let the gateway refuse a head, after the answers that are owed."""
        self._read_no_more()
        newest, refused = self.cycle, self._refused_cycle(fault)
        self.deadline_s, self.cycle = None, refused
        if newest is None or newest.response_complete:
            self._start_asgi_task(refused, self.app)
        else:
            deque.appendleft(self.pipeline, (refused, self.app))  # one more than may wait does no harm

    def _refused_cycle(self, fault: RequestError) -> Cycle:
        return Cycle(
            scope=scope_of_refusal(self.scope, self.parser.get_method().decode("ascii") if self.url else "", fault),
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=False,
            on_response=self.on_response_complete,
        )

    def _read_no_more(self) -> None:
        self.is_over = self.flow.is_over = True
        self.flow.pause_reading()


async def _answer_400(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(NOT_HTTP))]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": NOT_HTTP.encode()})
