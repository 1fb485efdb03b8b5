"""The head of a request that came whole, read by itself: who sends the same again need not have it parsed again.

What is read here is what uvicorn would read, with the same parser; what is not surely that is left to uvicorn.
"""

from collections.abc import Set
from urllib.parse import unquote

import msgspec
from httptools import HttpParserError, HttpParserInvalidURLError, HttpParserUpgrade, HttpRequestParser, parse_url

from forest_serving.http.request import Request, is_sane_id, read_request

MAX_WHOLE_HEAD_BYTES = 4_096  # of a head that is read here
_MAX_FIELDS = 50
_MAX_KEPT_BYTES, _MAX_KEPT_FIELDS = 1_024, 20
_MAX_KEPT = 2_048  # with all that is made of them, the largest take about 12 MB
_ID = b"\r\nx-request-id: "
_NEVER_PLAIN = frozenset({b"expect", b"te", b"trailer", b"transfer-encoding", b"upgrade"})


class Head(msgspec.Struct):
    """A head that is surely a whole one.

    Attributes:
        request: what it says.
        n_body_bytes: how many bytes follow.
        keep_alive: whether the connection goes on after the reply.
        wants_body: whether the reply has its body.
    """

    request: Request
    n_body_bytes: int
    keep_alive: bool
    wants_body: bool

    @property
    def is_short(self) -> bool:
        """Whether it may be kept."""
        return len(self.request.fields) <= _MAX_KEPT_FIELDS


class WholeHeads(dict[bytes, Head | None]):
    """What heads say, by their bytes up to the empty line; None if uvicorn has to decide what it is.

    They are read when they are asked for; what comes a second time is kept. Behind many a proxy no head comes again.

    Args:
        left_alone: names of headers that are left to uvicorn, too.
    """

    def __init__(self, left_alone: Set[bytes] = frozenset()) -> None:
        super().__init__()
        self._left_alone = _NEVER_PLAIN | left_alone
        self._seen: set[int] = set()  # hashes of heads that came once

    def find(self, data: bytes) -> tuple[Head | None, bytes | None]:
        """Return what a head says, and its X-Request-ID where that was left out, so that heads with others are equal.

        Proxies give each request another one, and write names in small letters.
        """
        start = data.find(_ID)
        if start < 0 or data[0] <= ord(" "):  # before the request's first line, nothing may stand but empty lines
            return self[data], None
        end = data.find(b"\r\n", start + 2)
        given = data[start + len(_ID) : end]
        if not is_sane_id(given):
            return self[data], None
        head = self[data[:start] + data[end:]]
        return (None, None) if head is None or b"x-request-id" in head.request.headers else (head, given)

    def __missing__(self, data: bytes) -> Head | None:
        """Read a head."""
        head = _Reading(self._left_alone).read(data)
        if head and head.is_short and len(data) <= _MAX_KEPT_BYTES and self._came_before(data):
            if len(self) >= _MAX_KEPT:
                self.clear()
            self[data] = head
        return head

    def _came_before(self, data: bytes) -> bool:
        key = hash(data)
        if key in self._seen:
            return True
        if len(self._seen) >= _MAX_KEPT:
            self._seen.clear()
        self._seen.add(key)
        return False


class _Reading:
    """Collects what the parser finds."""

    def __init__(self, left_alone: Set[bytes]) -> None:
        self.left_alone = left_alone
        self.parser = HttpRequestParser(self)
        self.keep_alive = False
        self.url = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.n_heads = self.n_begun = 0

    def read(self, data: bytes) -> Head | None:
        parser = self.parser
        try:
            parser.feed_data(data)
            url = parse_url(self.url) if self.n_heads == 1 else None
        except (HttpParserError, HttpParserUpgrade, HttpParserInvalidURLError):
            return None
        n_body_bytes = self._body_bytes()
        if n_body_bytes is None or self.n_begun != 1 or not url or not url.path or not url.path.isascii():
            return None
        path = url.path
        target = b"%b?%b" % (path, url.query) if url.query else path
        if parser.get_http_version() != "1.1":
            return None
        method = parser.get_method().decode("ascii")
        request = read_request(method, unquote(path.decode("ascii")), self.fields, target)
        return Head(request, n_body_bytes, self.keep_alive, method != "HEAD")

    def _body_bytes(self) -> int | None:
        """Return how many bytes follow; None if that is not plainly said, or anything else is odd."""
        headers = dict(self.fields)
        if not len(headers) == len(self.fields) <= _MAX_FIELDS or not self.left_alone.isdisjoint(headers):
            return None
        length = headers.get(b"content-length", b"0")
        return int(length) if length.isdigit() and len(length) < 10 else None

    def on_message_begin(self) -> None:
        self.n_begun += 1

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.n_heads += 1
        self.keep_alive = self.parser.should_keep_alive()  # of a message that is complete it does not know any more

    def on_body(self, body: bytes) -> None:
        self.n_heads = -1  # the head was shorter than it seemed
