"""The lane: a request that came whole and small is answered inside the connection, without ASGI's task and messages.

What it must not answer, because anything about it may have to wait, goes the ASGI way, and so does whatever is not
surely a plain request. docs/explanation/lane.md says why that is safe.
"""

from collections.abc import Set
from http import HTTPStatus
from time import perf_counter
from typing import Protocol

from forest_serving.http.behind import ELSEWHERE
from forest_serving.http.bodies import LARGE_BYTES
from forest_serving.http.gateway import Gateway
from forest_serving.http.request import Exchange, Request
from forest_serving.http.server_timing import tell_times
from forest_serving.http.whole_heads import MAX_WHOLE_HEAD_BYTES, Head, WholeHeads
from forest_serving.monitoring.outcome import Fields
from forest_serving.protocols.endpoint import EventualReply, Reply

MOST_BYTES = LARGE_BYTES + MAX_WHOLE_HEAD_BYTES
_MOST_BEGINNINGS = 1_000
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}


class Writer(Protocol):
    """The connection that is answered."""

    exchange: Exchange | None  # what was decided, but is not answered here

    def default_fields(self) -> Fields:
        """Return the header fields of every reply; the same object, if they are the same."""

    def write_reply(self, content: bytes, goes_on: bool) -> None:
        """Send a whole reply; unless the connection goes on after it, end it."""

    def client_address(self, fields: Fields) -> str:
        """Return the client's address, which a proxy may tell in header fields."""


class Lane:
    """Answers requests that came whole.

    Args:
        gateway: what decides.
        left_alone: names of headers, in small letters, with which a request has to meet another layer.
    """

    def __init__(self, gateway: Gateway, left_alone: Set[bytes] = frozenset()) -> None:
        self.gateway = gateway
        self._heads = WholeHeads(left_alone)
        self._monitor = gateway.monitor
        self._defaults: Fields = ()
        self._beginnings: dict[tuple[int, bytes, int], bytes] = {}  # of replies, up to the id, in this second

    def answer(self, data: bytes, connection: Writer) -> bool:
        """Answer a request, and return whether it was answered.

        Args:
            data: what came on a connection on which nothing was owed or half read.
            connection: where it came. It gets the exchange, if that was decided but may have to wait.
        """
        started_s, end = perf_counter(), data.find(b"\r\n\r\n", 0, MAX_WHOLE_HEAD_BYTES) + 4
        head, given_id = self._heads.find(data[:end]) if end > 4 else (None, None)
        if head is None or len(data) - end != head.n_body_bytes:
            return False
        request = head.request
        reply = self._decide(request, data[end:])
        if reply is ELSEWHERE:
            return False
        if not isinstance(reply, Reply) or len(reply.body) > LARGE_BYTES:
            connection.exchange = Exchange(request, started_s, reply)
            return False
        request_id = given_id or self.gateway.id_of(request)
        if request.timing is not None and reply.marks:
            tell_times(reply, request.timing, started_s)
        self._write(head, reply, request_id, connection)
        self._monitor.answered(request, reply, request_id, perf_counter() - started_s, connection.client_address)
        return True

    def _decide(self, request: Request, body: bytes) -> EventualReply:
        self._monitor.n_in_progress += 1
        try:
            return self.gateway.decide(request, body)
        finally:
            self._monitor.n_in_progress -= 1

    def _write(self, head: Head, reply: Reply, request_id: bytes, connection: Writer) -> None:
        defaults = connection.default_fields()
        if reply.headers or self.gateway.drain.has_begun or not head.keep_alive or not head.wants_body:
            self._write_unusual(head, reply, request_id, defaults, connection)
            return
        body, beginnings = reply.body, self._beginnings
        if defaults is not self._defaults or len(beginnings) > _MOST_BEGINNINGS:
            self._defaults = defaults
            beginnings.clear()
        kind = reply.status, reply.media_type, len(body)
        begin = beginnings.get(kind)
        if begin is None:
            begin = beginnings[kind] = self._head(reply, b"", defaults)[:-2]
        connection.write_reply(b"%b%b\r\n\r\n%b" % (begin, request_id, body), True)

    def _write_unusual(self, head: Head, reply: Reply, request_id: bytes, defaults: Fields, connection: Writer) -> None:
        leaves = self.gateway.drain.has_begun
        closing = b"" if head.keep_alive or leaves else b"connection: close\r\n"
        lines = self._head(reply, request_id, defaults)
        body = reply.body if head.wants_body else b""
        connection.write_reply(b"%b%b\r\n%b" % (lines, closing, body), head.keep_alive and not leaves)

    def _head(self, reply: Reply, request_id: bytes, defaults: Fields) -> bytes:
        fields = (*defaults, *self.gateway.head(reply, request_id))
        return _STATUS_LINES[reply.status] + b"".join([b"%b: %b\r\n" % field for field in fields])
