"""A connection with a lane: what came whole and small is answered before uvicorn's parser sees it.

Nothing is owed and nothing half read on the connection when the lane is asked, so it may answer at once; and as nothing
of the request was parsed, whatever the lane does not take goes to the parser as if there were no lane.

Holds on: HttpToolsProtocol's attributes; uvicorn counts requests, and replaces the list of default headers when it
changes. It can go when uvicorn answers without a task for each request.
"""

from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, ClassVar

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from forest_serving.host.uvicorn_connection import Connection
from forest_serving.http.gateway import EXCHANGE
from forest_serving.http.lane import MOST_BYTES, Lane
from forest_serving.http.request import Exchange
from forest_serving.monitoring.outcome import Fields


class LaneConnection(Connection):
    """A connection that asks the lane first.

    Attributes:
        exchange: what the lane has decided about the request that uvicorn parses now, but must not send.
    """

    __slots__ = ("exchange",)
    lane: ClassVar[Lane]
    forwarding: ClassVar[ProxyHeadersMiddleware | None] = None

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        super().connection_made(transport)
        self.exchange: Exchange | None = None

    def data_received(self, data: bytes) -> None:
        """Answer a whole request; let uvicorn read everything else."""
        if len(data) <= MOST_BYTES and self._is_free() and self.lane.answer(data, self):
            return
        Connection.data_received(self, data)
        if self.exchange is not None:
            self._drop(self.exchange)

    def _is_free(self) -> bool:
        """Return whether a request may begin here, and be answered at once."""
        cycle = self.cycle
        return (
            self.deadline_s is not None
            and not self.flow.write_paused
            and (self.scope is None if cycle is None else cycle.scope is self.scope and not cycle.more_body)
            and not self.transport.is_closing()
        )

    def on_headers_complete(self) -> None:
        """Begin to answer; with what the lane has decided, if it has."""
        if self.exchange is not None:
            self.scope[EXCHANGE], self.exchange = self.exchange, None  # type: ignore[literal-required]
        Connection.on_headers_complete(self)

    def _drop(self, exchange: Exchange) -> None:
        """Forget what was decided about what uvicorn takes for no request."""
        self.exchange = None
        if isinstance(exchange.reply, Coroutine):
            exchange.reply.close()

    def default_fields(self) -> Fields:
        """Return the header fields of every reply."""
        return self.server_state.default_headers

    def write_reply(self, content: bytes, goes_on: bool) -> None:
        """Send a whole reply."""
        self.transport.write(content)
        self.server_state.total_requests += 1
        if goes_on:
            self.wait_for_next()
        else:
            self.transport.close()

    def client_address(self, fields: Fields) -> str:
        """Return the client's address, as uvicorn's layer for proxies tells it to applications."""
        scope: Any = {"type": "http", "client": self.client, "headers": fields}
        if self.config.proxy_headers:
            with suppress(StopIteration):
                self._layer()(scope, None, None).send(None)  # type: ignore[arg-type]  # it waits for nothing
        return (scope["client"] or ("",))[0]

    def _layer(self) -> ProxyHeadersMiddleware:
        """Return uvicorn's layer; it takes a millisecond to understand long lists of proxies, once."""
        kind = type(self)
        if kind.forwarding is None:
            kind.forwarding = ProxyHeadersMiddleware(_answer_nothing, self.config.forwarded_allow_ips)
        return kind.forwarding


async def _answer_nothing(*_: object) -> None:
    pass


def lane_connection(lane: Lane) -> type[LaneConnection]:
    """Return a class of connections with this lane."""
    return type("LaneConnection", (LaneConnection,), {"lane": lane, "__slots__": ()})
