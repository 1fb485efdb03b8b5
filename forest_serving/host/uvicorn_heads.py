"""How much of a request is read before there is one: limits on its head, which uvicorn and its parser do not have.

The parser keeps what is not complete, and joins it anew with each packet, so that too is counted.
Holds on: HttpToolsProtocol's callbacks, and the order in which its parser calls them. It can go when uvicorn limits the
number and the bytes of a head's fields.
"""

from typing import Any

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from forest_serving.errors import HeadTooLarge, RequestError, TargetTooLong
from forest_serving.host.uvicorn_timer import HEAD_TIMEOUT_S, TimedConnection
from forest_serving.http.gateway import REFUSAL

# Twice what HAProxy takes, as shipped; browsers and meshes send 1 to 8 KiB in 10 to 40 fields.
MAX_HEAD_BYTES = 32_768
MAX_FIELDS = 100
NOT_HTTP = "Invalid HTTP request received."  # uvicorn's words
# What the parser gets at a time. Its 4,000 shortest fields take a millisecond, after which their number is looked at;
# to look at each would cost every request as much as all that is done here.
PORTION_BYTES = 16_384


class BoundedHeads(TimedConnection):
    """A connection whose requests have heads, and whose bodies have trailers and the like, of limited size.

    What every request meets calls uvicorn's class by its name: super() takes twice as long.

    Attributes:
        is_over: whether nothing more is read; the connection ends once what is owed is answered.
        fault: why the newest head is refused; None if it is not.
        n_pending_bytes: that came since the last whole head, or the last part of a body.
    """

    __slots__ = ("fault", "is_over", "n_pending_bytes")

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        super().connection_made(transport)
        self.is_over = False
        self.fault: RequestError | None = None
        self.n_pending_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Read on, as uvicorn does, but for the timer that it cancels and the upgrades that it may make."""
        if len(data) > PORTION_BYTES or self.is_over:
            self._read_portions(memoryview(data))
        else:
            self.read(data)

    def read(self, data: bytes) -> None:
        """Parse."""
        self.n_pending_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except HttpParserError:
            self.logger.warning(NOT_HTTP)
            self.send_400_response(NOT_HTTP)
        except HttpParserUpgrade as upgrade:
            self.ignore_upgrade(data[upgrade.args[0] :])
        if self.n_pending_bytes or self.deadline_s is not None or self.cycle.scope is not self.scope:
            self.wait_for_the_rest()

    def _read_portions(self, data: memoryview) -> None:
        for start in range(0, len(data), PORTION_BYTES):
            if self.is_over or self.transport.is_closing():
                return
            part: Any = data[start : start + PORTION_BYTES]  # the parser takes it
            self.read(part)

    def wait_for_the_rest(self) -> None:
        """Start the clock for what is not whole, and give up what is too large already."""
        if self.deadline_s is not None and not self.has_begun:
            self.has_begun = True
            self.wait(HEAD_TIMEOUT_S)
        is_in_head = self.is_in_head()
        if self.n_pending_bytes > MAX_HEAD_BYTES or (is_in_head and len(self.headers) > MAX_FIELDS):
            self.fault = self._too_large() if is_in_head else None
            if not self.is_over and not self.transport.is_closing():
                self.send_400_response(NOT_HTTP)

    def ignore_upgrade(self, rest: bytes) -> None:
        """Go on after a head that offers another protocol, or asks for a tunnel.

        Args:
            rest: what came after the head.
        """
        raise NotImplementedError

    def on_headers_complete(self) -> None:
        """Begin to answer."""
        self.check_head()
        HttpToolsProtocol.on_headers_complete(self)
        self.n_pending_bytes = 0
        self.deadline_s = None
        self.headers = []  # for trailers: uvicorn takes those that come in the same packet for the head's own

    def check_head(self) -> None:
        """Raise if the newest head is too large: the parser stops, and send_400_response is called."""
        if (self.n_pending_bytes > MAX_HEAD_BYTES or len(self.headers) > MAX_FIELDS) and self.is_head_too_large():
            self.fault = self._too_large()
            raise self.fault

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self.n_pending_bytes = 0
        HttpToolsProtocol.on_body(self, body)

    def is_in_head(self) -> bool:
        """Return whether a head has begun that is not complete."""
        return self.scope is not None and (self.cycle is None or self.cycle.scope is not self.scope)

    def is_head_too_large(self) -> bool:
        """Return whether what was parsed of the newest head is more than it may be, however it came."""
        n_bytes = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        return n_bytes > MAX_HEAD_BYTES or len(self.headers) > MAX_FIELDS

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be parsed; what came before it in a head may have been too much already."""
        if self.fault is None and self.is_in_head() and self.is_head_too_large():
            self.fault = self._too_large()
        if self.fault is None:
            self.refuse_syntax(msg)
        else:
            self.refuse(self.fault)

    def refuse_syntax(self, msg: str) -> None:
        """Answer what is not HTTP."""
        super().send_400_response(msg)

    def refuse(self, fault: RequestError) -> None:
        """Answer a head that is too large or too slow."""
        raise NotImplementedError

    def _too_large(self) -> RequestError:
        if len(self.url) > MAX_HEAD_BYTES // 2:
            return TargetTooLong("The path and its query are too long; send what is asked in the body.")
        limits = f"{MAX_FIELDS} headers and {MAX_HEAD_BYTES:,} bytes of them"
        return HeadTooLarge(f"A request may have {limits}; send fewer or shorter ones.")


def scope_of_refusal(scope: Any, method: str, fault: RequestError) -> Any:
    """Return the scope of a request that is refused for its head, of which nothing is believed."""
    unknown = {"method": method, "path": "", "raw_path": b"", "query_string": b"", "headers": []}
    return {**scope, **unknown, REFUSAL: fault}
