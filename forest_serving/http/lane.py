"""The lane: a request that came whole and small is answered inside the connection, without ASGI's task and messages.

What it must not answer, because anything about it may have to wait, goes the ASGI way, and so does whatever is not
surely a plain request. docs/explanation/lane.md says why that is safe.
"""

from collections.abc import Set
from http import HTTPStatus
from time import perf_counter

import msgspec

from forest_serving.http.behind import ELSEWHERE
from forest_serving.http.bodies import LARGE_BYTES
from forest_serving.http.gateway import Gateway
from forest_serving.http.request import Fields, Request
from forest_serving.http.whole_heads import MAX_HEAD_BYTES, Head, WholeHeads
from forest_serving.monitoring.outcome import Client
from forest_serving.protocols.endpoint import EventualReply, Reply

_MOST_BEGINNINGS = 1_000
MOST_BYTES = LARGE_BYTES + MAX_HEAD_BYTES
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}


class Last(msgspec.Struct):
    """What is to be written before the connection ends."""

    content: bytes


class Decided(msgspec.Struct):
    """What was decided, for the ASGI way to send."""

    reply: EventualReply


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

    def answer(self, data: bytes, defaults: Fields, client: Client) -> bytes | Last | Decided | None:
        """Return the answer to a request.

        Args:
            data: what came on a connection on which nothing was owed or half read.
            defaults: header fields of every reply.
            client: is asked for the client's address, if that is logged.

        Returns:
            what is to be written; None if this is not surely one whole request that may be answered here.
        """
        started_s, end = perf_counter(), data.find(b"\r\n\r\n") + 4
        head, given_id = self._heads.find(data[:end])
        if head is None or len(data) - end != head.n_body_bytes:
            return None
        reply = self._decide(head.request, data[end:])
        if not isinstance(reply, Reply) or len(reply.body) > LARGE_BYTES:
            return Decided(reply)
        if reply is ELSEWHERE:
            return None
        request_id = given_id or self.gateway.id_of(head.request)
        answer = self._written(head, reply, request_id, defaults)
        self._monitor.answered(head.request, reply, request_id, perf_counter() - started_s, client)
        return answer

    def _decide(self, request: Request, body: bytes) -> EventualReply:
        self._monitor.n_in_progress += 1
        reply = self.gateway.decide(request, body)
        self._monitor.n_in_progress -= 1
        return reply

    def _written(self, head: Head, reply: Reply, request_id: bytes, defaults: Fields) -> bytes | Last:
        if reply.headers or self.gateway.drain.has_begun or not head.keep_alive or not head.wants_body:
            return self._written_out(head, reply, request_id, defaults)
        body, beginnings = reply.body, self._beginnings
        if defaults is not self._defaults or len(beginnings) > _MOST_BEGINNINGS:
            self._defaults = defaults
            beginnings.clear()
        kind = reply.status, reply.media_type, len(body)
        begin = beginnings.get(kind)
        if begin is None:
            begin = beginnings[kind] = self._head(reply, b"", defaults)[:-2]
        return b"%b%b\r\n\r\n%b" % (begin, request_id, body)

    def _written_out(self, head: Head, reply: Reply, request_id: bytes, defaults: Fields) -> bytes | Last:
        body = reply.body if head.wants_body else b""
        leaves = self.gateway.drain.has_begun
        closing = b"" if head.keep_alive or leaves else b"connection: close\r\n"
        content = b"%b%b\r\n%b" % (self._head(reply, request_id, defaults), closing, body)
        return content if head.keep_alive and not leaves else Last(content)

    def _head(self, reply: Reply, request_id: bytes, defaults: Fields) -> bytes:
        fields = (*defaults, *self.gateway.head(reply, request_id))
        return _STATUS_LINES[reply.status] + b"".join([b"%b: %b\r\n" % field for field in fields])
