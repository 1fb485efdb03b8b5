"""An offer to speak another protocol is passed over, as RFC 9110, section 7.8, lets a server do.

Java's HttpClient and "curl --http2" make one with each request. httptools stops at such a head and takes the body for
the other protocol, which would lose it (https://github.com/Kludex/uvicorn/issues/2722); so a new parser gets the same
head without the offer, and what came after it.

Holds on: httptools calls on_headers_complete before it raises HttpParserUpgrade with the position after the head. It
can go when uvicorn reads such bodies.
"""

from collections.abc import Sequence

from httptools import HttpRequestParser

from forest_serving.host.uvicorn_heads import BoundedHeads

_OF_OFFERS = frozenset({b"upgrade", b"http2-settings"})


class IgnoringUpgrades(BoundedHeads):
    """A connection that stays HTTP/1.1.

    Attributes:
        has_offer: whether the newest whole head offers another protocol.
    """

    __slots__ = ("has_offer",)

    def on_headers_complete(self) -> None:
        """Begin to answer, but not a head that comes again without its offer."""
        self.has_offer = bool(self.parser.should_upgrade()) and self.parser.get_method() != b"CONNECT"
        if self.has_offer:
            self.check_head()
        else:
            BoundedHeads.on_headers_complete(self)

    def on_message_complete(self) -> None:
        """Note the end of a request; there is none yet where the parser stopped at an offer."""
        if not self.has_offer:
            BoundedHeads.on_message_complete(self)

    def ignore_upgrade(self, rest: bytes) -> None:
        """Read a head again without its offer; a tunnel is refused, and what was meant for it not read."""
        if not self.has_offer:
            self.cycle.keep_alive = False
            return
        head = without_offer(self.parser.get_method(), self.url, self.parser.get_http_version(), self.headers)
        self.begin_parsing()
        BoundedHeads.data_received(self, head + bytes(rest))

    def begin_parsing(self) -> None:
        """Take what comes next for the beginning of a request."""
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self.n_pending_bytes = 0


def without_offer(method: bytes, url: bytes, version: str, fields: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return a head that says the same, but offers no other protocol."""
    lines = [b"%b %b HTTP/%b" % (method, url, version.encode())]
    for name, value in fields:
        if name == b"connection":
            kept = [token for token in map(bytes.strip, value.split(b",")) if token.lower() not in _OF_OFFERS]
            lines += [b"connection: " + b", ".join(kept)] if kept else []
        elif name not in _OF_OFFERS:
            lines.append(b"%b: %b" % (name, value))
    return b"\r\n".join([*lines, b"", b""])
