"""uvicorn's side of a connection, where it lets a client fill the memory or mistake one answer for another.

And where it is slow: a reply is sent as one piece.
"""

from collections import deque
from typing import Any

from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

MAX_WAITING = 100  # requests that came in one packet with the one that is being answered
_REFUSAL = b"Invalid HTTP request received."  # uvicorn's words


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


class Cycle(RequestResponseCycle):
    """A request and its reply, of which a short one is sent as one piece.

    uvicorn sends the head by itself, which takes a second system call and wakes the client twice. What else can happen
    to a reply is left to uvicorn.
    """

    start: Any = None

    async def send(self, message: Any) -> None:
        """Keep the start of a reply until its body is there."""
        if self.start is None and not self.response_started:
            self.start = message
            return
        start, self.start = self.start, None
        if start and not self._send_whole(start["status"], start["headers"], message):
            await super().send(start)
        if start is None or not self.response_complete:
            await super().send(message)

    def _send_whole(self, status: int, headers: Any, message: Any) -> bool:
        """Send a reply whose head and body are known, and return whether that was possible."""
        is_plain = self.keep_alive and not self.flow.write_paused and not self.disconnected and not self.access_log
        if not is_plain or message.get("more_body") or self.scope["method"] == "HEAD":
            return False
        body = message.get("body", b"")
        fields = dict(headers)
        if b"connection" in fields or fields.get(b"content-length") != b"%d" % len(body):
            return False
        head = b"".join([b"%b: %b\r\n" % field for field in (*self.default_headers, *headers)])
        if head.count(b"\n") != len(self.default_headers) + len(headers):
            raise RuntimeError("Invalid HTTP header value.")
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[status], head, body))
        self.message_event.set()
        self.on_response()
        return True

    async def send_500_response(self) -> None:
        """Answer for an application that failed, perhaps after the start of its reply."""
        self.start = None
        await super().send_500_response()


httptools_impl.RequestResponseCycle = Cycle  # type: ignore[misc]  # uvicorn offers no other place


class Protocol(HttpToolsProtocol):
    """A connection that holds few requests, answers in order, and stays HTTP/1.1."""

    def connection_made(self, transport: Any) -> None:
        """Begin; uvicorn offers no place for another flow control or queue."""
        super().connection_made(transport)
        self.pipeline = _Waiting()
        self.flow: _Flow = _Flow(transport, self.pipeline)

    def shutdown(self) -> None:
        """Close an idle TLS connection at once: its client need not answer the farewell that uvicorn waits for."""
        super().shutdown()
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and self.scheme == "https" and not self.transport.get_write_buffer_size():
            self.transport.abort()

    def _should_upgrade(self) -> bool:
        return False

    def _unsupported_upgrade_warning(self) -> None:
        """After an upgrade the parser takes the body for another request, so the connection must end."""
        self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be parsed, but not before the answers that are owed."""
        newest = self.cycle
        is_answered = newest is None or newest.response_complete
        is_waiting = bool(self.pipeline) and self.pipeline[0][0] is newest
        if is_answered or (newest.more_body and not is_waiting):
            super().send_400_response(msg)
            return
        if newest.more_body:  # its body is what is broken
            self.pipeline[0] = (newest, _refuse)
        newest.keep_alive = False
        self.flow.is_over = True
        self.flow.pause_reading()


async def _refuse(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(_REFUSAL))]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": _REFUSAL})
