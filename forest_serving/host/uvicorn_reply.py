"""uvicorn's way to write a reply, in fewer pieces.

Holds on: RequestResponseCycle, its attributes and its lines of status. It can go when uvicorn writes head and body of a
short reply at once.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

# What uvicorn refuses in names and values (its HEADER_RE, HEADER_VALUE_RE); a head's own CR and LF are counted.
_CONTROL = bytes(range(0x20)) + b"\x7f"
_ODD_IN_NAMES = _CONTROL + b'()<>@,;:\\[]={} "'
_ODD_IN_HEADS = bytes(set(_CONTROL) - set(b"\t\r\n"))
_CHANGES_FRAMING = frozenset({b"connection", b"transfer-encoding"})


class Cycle(RequestResponseCycle):
    """A request and its reply, of which a short one is sent as one piece.

    uvicorn sends the head by itself, which takes a second system call and wakes the client twice. What else can happen
    to a reply is left to uvicorn.
    """

    start: Any = None
    _has_left = False

    @property
    def disconnected(self) -> bool:
        """Whether the client has left; uvicorn tells it only the newest of the requests that came together."""
        return self._has_left or self.transport.is_closing()

    @disconnected.setter
    def disconnected(self, has_left: bool) -> None:
        self._has_left = has_left

    async def send(self, message: Any) -> None:
        """Keep the start of a reply until its body is there; send nothing to a client that has left."""
        if self.disconnected:
            return
        if self.start is None and not self.response_started:
            self.start = message
            # Whoever waits to be told to go on may send the body, or may not: nobody knows what comes next.
            self.keep_alive = self.keep_alive and not self.waiting_for_100_continue
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
        names = b"".join(fields)
        if (
            names != names.lower()
            or not _CHANGES_FRAMING.isdisjoint(fields)
            or fields.get(b"content-length") != b"%d" % len(body)
        ):
            return False
        head = b"".join([b"%b: %b\r\n" % field for field in (*self.default_headers, *headers)])
        if _is_odd(names, head, len(self.default_headers) + len(headers)):
            raise RuntimeError("Invalid HTTP header name or value.")  # before anything was sent: the client gets a 500
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


def _is_odd(names: bytes, head: bytes, n_fields: int) -> bool:
    """Return whether uvicorn would refuse a header; translate drops what is odd, faster than searching."""
    return (
        head.count(b"\n") != n_fields
        or head.count(b"\r") != n_fields
        or len(head.translate(None, _ODD_IN_HEADS)) != len(head)
        or len(names.translate(None, _ODD_IN_NAMES)) != len(names)
    )
