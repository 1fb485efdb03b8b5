"""A connection with a lane: what came whole and small is answered before uvicorn's parser sees it.

Nothing is owed and nothing half read on the connection when the lane is asked, so it may answer at once; and as nothing
was parsed, whatever the lane does not take goes to the parser as if there were no lane.

Holds on: HttpToolsProtocol's attributes; uvicorn counts requests, and replaces the list of default headers when it
changes. It can go when uvicorn answers without a task for each request.
"""

from contextlib import suppress
from typing import Any

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from forest_serving.host.uvicorn_connection import Connection
from forest_serving.http.gateway import DECIDED
from forest_serving.http.lane import MOST_BYTES, Lane, Last
from forest_serving.http.request import Fields
from forest_serving.protocols.endpoint import EventualReply


class LaneConnection(Connection):
    """A connection that asks the lane first.

    Attributes:
        decided: what the lane has decided about the request that uvicorn parses now, but must not send.
    """

    __slots__ = ("decided",)
    lane: Lane

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        super().connection_made(transport)
        self.decided: EventualReply | None = None

    def data_received(self, data: bytes) -> None:
        """Answer a whole request; let uvicorn read everything else."""
        if len(data) <= MOST_BYTES and self._is_free():
            answer = self.lane.answer(data, self.server_state.default_headers, self._client)
            if isinstance(answer, bytes):
                self.transport.write(answer)
                self.server_state.total_requests += 1
                self.wait_for_next()
                return
            if isinstance(answer, Last):
                self._write_last(answer.content)
                return
            self.decided = answer.reply if answer else None
        Connection.data_received(self, data)

    def _write_last(self, content: bytes) -> None:
        self.transport.write(content)
        self.server_state.total_requests += 1
        self.transport.close()

    def _is_free(self) -> bool:
        """Return whether a request may begin here, and be answered at once."""
        cycle = self.cycle
        return (
            self.deadline_s is not None
            and not self.is_over
            and not self.flow.write_paused
            and (self.scope is None if cycle is None else cycle.scope is self.scope and not cycle.more_body)
            and not self.transport.is_closing()
        )

    def on_headers_complete(self) -> None:
        """Begin to answer; with what the lane has decided, if it has."""
        if self.decided is not None:
            self.scope[DECIDED], self.decided = self.decided, None  # type: ignore[literal-required]
        Connection.on_headers_complete(self)

    def _client(self, fields: Fields) -> str:
        """Return the client's address, as uvicorn's layer for proxies tells it to applications."""
        scope: Any = {"type": "http", "client": self.client, "headers": fields}
        if self.config.proxy_headers:
            layer = ProxyHeadersMiddleware(_answer_nothing, self.config.forwarded_allow_ips)
            with suppress(StopIteration):
                layer(scope, None, None).send(None)  # type: ignore[arg-type]  # it waits for nothing
        return (scope["client"] or ("",))[0]


async def _answer_nothing(*_: object) -> None:
    pass


def lane_connection(lane: Lane) -> type[LaneConnection]:
    """Return a class of connections with this lane."""
    return type("LaneConnection", (LaneConnection,), {"lane": lane, "__slots__": ()})
