"""What HAProxy makes of a request: no two readings of where it ends, one request ID, the client's true address."""

import re

import pytest

from tests.support.proxies import proxying, until
from tests.support.recorder import recording

POST = b"POST /predict HTTP/1.1\r\nHost: x\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
REFUSED = {
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "two lengths in one": b"Content-Length: 5, 6\r\n\r\nabcdef",
    "a signed length": b"Content-Length: +5\r\n\r\nabcde",
    "a length in hexadecimal": b"Content-Length: 0x5\r\n\r\nabcde",
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a control character": b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "chunked, then not": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunked twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a coding before chunked": b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
    "a bare carriage return": b"X: a\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nabcde",
    "a chunk of 2^66 bytes": b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff5\r\nabcde\r\n0\r\n\r\n",
    "a chunk's length with a letter": b"Transfer-Encoding: chunked\r\n\r\n5x\r\nabcde\r\n0\r\n\r\n",
    "two hosts": b"Host: y\r\nContent-Length: 0\r\n\r\n",
}
REWRITTEN = {
    "a length and chunked": POST
    + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (len(HIDDEN) + 5)
    + HIDDEN,
    "chunked and a length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a folded line": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "bare line feeds": b"POST /predict HTTP/1.1\nHost: x\nContent-Length: 5\n\nabcde",
    "one bare line feed": POST + b"X: a\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "the same length twice": POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde",
}


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    """Return a proxy in front of a recorder, and the recorder."""
    folder = tmp_path_factory.mktemp("haproxy")
    with recording() as recorder, proxying(recorder.url, folder=folder, PROXY_CLIENT_TIMEOUT="2s") as proxied:
        yield proxied, recorder


@pytest.fixture
def ask(proxy):
    """Return a function that sends bytes, and returns the reply and all that reached a server."""

    def send(request):
        proxied, recorder = proxy
        recorder.received.clear()
        with proxied.connect() as connection:
            connection.sendall(request)
            reply = connection.recv(1 << 16)
        if reply.startswith(b"HTTP/1.1 200 "):
            until(lambda: recorder.received, 5)
        return reply, recorder.received

    return send


@pytest.mark.parametrize("rest", REFUSED.values(), ids=REFUSED)
def test_a_request_with_two_readings_is_refused_and_reaches_no_server(ask, rest):
    reply, received = ask(POST + rest)
    assert reply.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 422 "))
    assert received == []


@pytest.mark.parametrize("request_", REWRITTEN.values(), ids=REWRITTEN)
def test_what_haproxy_reads_generously_it_passes_on_in_one_reading(ask, request_):
    """One length or one coding, lines that end in CRLF, and nothing behind the end of the body."""
    _, (received,) = ask(request_)
    head, _, body = received.partition(b"\r\n\r\n")
    (framing,) = re.findall(rb"(?m)^(content-length: 5|transfer-encoding: chunked)\r?$", head)
    assert body == (b"abcde" if framing.startswith(b"content") else b"0\r\n\r\n")
    assert not re.search(rb"content-length.*content-length|(?<!\r)\n|\r(?!\n)", head)


@pytest.mark.parametrize("claimed", ["flower-7", "x" * 128])
def test_a_request_id_passes_through(ask, claimed):
    reply, (received,) = ask(HIDDEN[:-2] + f"X-Request-ID: {claimed}\r\n\r\n".encode())
    assert re.findall(rb"x-request-id: (.*)\r\n", received) == [claimed.encode()]
    assert f"x-request-id: {claimed}\r\n".encode() in reply


@pytest.mark.parametrize("claimed", ["", "X-Request-ID: a b\r\n", f"X-Request-ID: {'x' * 129}\r\n"])
def test_a_missing_or_unfit_request_id_is_replaced_by_a_new_one(ask, claimed):
    reply, (received,) = ask(HIDDEN[:-2] + claimed.encode() + b"\r\n")
    (given,) = re.findall(rb"x-request-id: (.*)\r\n", received)
    assert re.fullmatch(rb"[0-9a-f-]{36}", given)
    assert b"x-request-id: " + given in reply


def test_a_client_cannot_claim_another_address(ask):
    _, (received,) = ask(HIDDEN[:-2] + b"X-Forwarded-For: 192.0.2.1\r\n\r\n")
    assert re.findall(rb"x-forwarded-for: (.*)\r\n", received) == [b"127.0.0.1"]


def test_http_2_is_refused(ask):
    reply, received = ask(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 400 ")
    assert received == []
