"""The head of a request that came whole, read by itself: who sends the same again need not have it parsed again.

What is read here is what uvicorn would read, with the same parser; what is not surely that is left to uvicorn.
"""

from collections.abc import Set
from urllib.parse import unquote

import msgspec
from httptools import HttpParserError, HttpParserInvalidURLError, HttpParserUpgrade, HttpRequestParser, parse_url

from forest_serving.http.request import Request, is_sane_id, read_request

MAX_HEAD_BYTES = 4_096  # of a head that is read here
MAX_FIELDS = 50
_MAX_KEPT_BYTES = 1_024
_MAX_KEPT = 2_048  # with all that is made of them, 2,048 of the longest take about 10 MB
_ID = b"\r\nx-request-id: "
_CHANGES_FRAMING = frozenset({b"expect", b"te", b"trailer", b"transfer-encoding", b"upgrade"})


class Head(msgspec.Struct):
    """A head that is surely a whole one.

    Attributes:
        request: what it says.
        n_body_bytes: how many bytes follow.
        keep_alive: whether the connection goes on after the reply.
    """

    request: Request
    n_body_bytes: int
    keep_alive: bool

    @property
    def wants_body(self) -> bool:
        """Whether the reply has its body."""
        return self.request.method != "HEAD"


class WholeHeads(dict[bytes, Head | None]):
    """What heads say, by their bytes up to the empty line; None if uvicorn has to decide what it is.

    They are read when they are asked for; what comes a second time is kept. Behind many a proxy no head comes again.

    Args:
        left_alone: names of headers that are left to uvicorn, too.
    """

    def __init__(self, left_alone: Set[bytes] = frozenset()) -> None:
        super().__init__()
        self._left_alone = _CHANGES_FRAMING | left_alone
        self._seen: set[int] = set()  # hashes of heads that came once

    def find(self, data: bytes) -> tuple[Head | None, bytes | None]:
        """Return what a head says, and its X-Request-ID where that was left out, so that heads with others are equal.

        Proxies give each request another one, and write names in small letters.
        """
        start = data.find(_ID)
        if start < 0:
            return self[data], None
        end = data.find(b"\r\n", start + 2)
        given = data[start + len(_ID) : end]
        if not is_sane_id(given):
            return self[data], None
        head = self[data[:start] + data[end:]]
        return (None, None) if head is None or b"x-request-id" in head.request.headers else (head, given)

    def __missing__(self, data: bytes) -> Head | None:
        """Read a head."""
        head = _Reading(self._left_alone).read(data) if len(data) <= MAX_HEAD_BYTES else None
        if head and len(data) <= _MAX_KEPT_BYTES and self._came_before(data):
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
        self.url = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.n_heads = self.n_begun = self.n_complete = 0

    def read(self, data: bytes) -> Head | None:
        parser = HttpRequestParser(self)
        try:
            parser.feed_data(data)
            path = parse_url(self.url).path if self.n_heads == 1 else None
        except (HttpParserError, HttpParserUpgrade, HttpParserInvalidURLError):
            return None
        n_body_bytes = self._body_bytes()
        is_whole = self.n_begun == self.n_heads == 1 and self.n_complete == (n_body_bytes == 0)
        if not path or not path.isascii() or not is_whole or parser.get_http_version() != "1.1":
            return None
        request = read_request(parser.get_method().decode("ascii"), unquote(path.decode("ascii")), self.fields)
        return Head(request, n_body_bytes, parser.should_keep_alive())

    def _body_bytes(self) -> int:
        """Return how many bytes follow; -1 if that is not plainly said, or anything else is odd."""
        headers = dict(self.fields)
        if not len(headers) == len(self.fields) <= MAX_FIELDS or not self.left_alone.isdisjoint(headers):
            return -1
        length = headers.get(b"content-length", b"0")
        return int(length) if length.isdigit() and len(length) < 10 else -1

    def on_message_begin(self) -> None:
        self.n_begun += 1

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.n_heads += 1

    def on_body(self, body: bytes) -> None:
        self.n_heads = -1  # the head was shorter than it seemed

    def on_message_complete(self) -> None:
        self.n_complete += 1
