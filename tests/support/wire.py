"""Raw HTTP/1.1 over a socket: requests that no client library would send, and replies as they came."""

import contextlib
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

ANSWER_S = 10  # longer than any limit of the server that is attacked
GOOD_BODY = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'
CHUNKED = b"Transfer-Encoding: chunked"


class Reply(NamedTuple):
    """A reply: its status, its headers by lower-case name, its body."""

    status: int
    headers: dict
    body: bytes


def request(body=b"", *headers, method=b"POST", target=b"/predict", version=b"HTTP/1.1", length=None):
    """Return a request's bytes; a header is a whole line without its end."""
    length = b"%d" % len(body) if length is None else length
    return bare(b" ".join((method, target, version)), b"Host: x", b"Content-Length: " + length, *headers, body=body)


def bare(*lines, body=b""):
    """Return a request of just these lines."""
    return b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def chunked(body, *headers):
    """Return a request whose body is sent as it stands, after a head that announces chunks."""
    return bare(b"POST /predict HTTP/1.1", b"Host: x", *(headers or [CHUNKED]), body=body)


def chunks(*parts):
    """Return a chunked body."""
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


GOOD = request(GOOD_BODY)


def connect(url, timeout=ANSWER_S):
    """Return a socket whose every operation ends, or fails with TimeoutError, within timeout seconds."""
    return socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=timeout)


def ask(url, sent, n_replies=1, half_close=False):
    """Send bytes on a new connection; return up to n_replies replies, fewer if the server closes."""
    with connect(url) as sock:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            sock.sendall(sent)  # a server that refuses need not read everything
            if half_close:
                sock.shutdown(socket.SHUT_WR)
        return read_replies(sock, n_replies, head=sent.startswith(b"HEAD "))


def read_replies(sock, n_replies, head=False):
    """Return up to n_replies replies from a socket; TimeoutError means that the server hangs."""
    with sock.makefile("rb") as stream:
        replies = (read_reply(stream, head) for _ in range(n_replies))
        return [reply for reply in replies if reply]


def read_reply(stream, head=False):
    """Return the next reply, or None at the end of the connection; interim replies are skipped."""
    try:
        start = stream.readline()
        while start.startswith(b"HTTP/1.1 100"):
            stream.readline()
            start = stream.readline()
        if not start:
            return None
        lines = (line.partition(b":") for line in iter(stream.readline, b"\r\n"))
        headers = {name.lower().decode(): value.strip().decode() for name, _, value in lines}
        length = 0 if head else int(headers.get("content-length", 0))
        return Reply(int(start.split()[1]), headers, stream.read(length))
    except ConnectionResetError:
        return None
