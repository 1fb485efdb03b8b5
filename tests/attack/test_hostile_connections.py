"""Clients that send in odd portions, many requests at once, or leave at the worst moment."""

import socket
import struct
import time

import pytest

from tests.support.verdicts import answers, verdict
from tests.support.wire import GOOD, GOOD_BODY, ask, bare, chunked, connect, read_replies, request

LAST = request(GOOD_BODY, b"Connection: close")
MANY_ROWS = request(b'{"instances": [' + b", ".join([b"[1, 2, 3, 4]"] * 5_000) + b"]}", target=b"/predict_proba")


def send_slowly(sock, portions, pause_s=0.0005):
    """Send portions so that each is a packet of its own."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for portion in portions:
        sock.sendall(portion)
        time.sleep(pause_s)


def reset(sock):
    """Leave without the usual farewell, as a crashed client does."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def test_a_request_sent_byte_by_byte_is_answered(attacked):
    with connect(attacked.url) as sock:
        send_slowly(sock, (GOOD[n : n + 1] for n in range(len(GOOD))))
        assert verdict(read_replies(sock, 1)) == 200


def test_chunks_sent_byte_by_byte_are_answered(attacked):
    sent = chunked(b"".join(b"1\r\n%c\r\n" % byte for byte in GOOD_BODY) + b"0\r\n\r\n")
    with connect(attacked.url) as sock:
        send_slowly(sock, (sent[n : n + 1] for n in range(len(sent))))
        assert verdict(read_replies(sock, 1)) == 200


@pytest.mark.parametrize("body", [GOOD_BODY, GOOD_BODY.ljust(1_000_000)], ids=["small", "large"])
def test_a_client_that_says_that_it_sends_no_more_is_still_answered(attacked, body):
    """A half-closed socket is what "nc" and some proxies leave after the request."""
    assert verdict(ask(attacked.url, request(body), half_close=True)) == 200


@pytest.mark.parametrize(
    "part", [b"", GOOD[:9], GOOD[:-1], chunked(b"25\r\n" + GOOD_BODY)], ids=["0", "9", "-1", "chunk"]
)
def test_a_client_that_stops_sending_in_the_middle_gets_no_answer_but_an_end(attacked, part):
    assert ask(attacked.url, part, half_close=True) == []
    assert answers(attacked.url)


@pytest.mark.parametrize("leave", [reset, socket.socket.close])
@pytest.mark.parametrize("part", [GOOD[:9], GOOD[:-1], GOOD, MANY_ROWS], ids=["header", "body", "reply", "large reply"])
def test_clients_that_leave_in_the_middle_harm_nobody(attacked, leave, part):
    for _ in range(20):
        sock = connect(attacked.url)
        sock.sendall(part)
        leave(sock)
    assert answers(attacked.url)


@pytest.mark.parametrize("part", [GOOD[:-1], chunked(b"1\r\n{\r\n")], ids=["length", "chunked"])
def test_a_body_that_stalls_is_408(attacked, part):
    assert verdict(ask(attacked.url, part)) == 408


def test_a_client_that_asks_first_is_told_to_go_on(attacked):
    head, body = request(GOOD_BODY, b"Expect: 100-continue")[: -len(GOOD_BODY)], GOOD_BODY
    with connect(attacked.url) as sock:
        sock.sendall(head)
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(body)
        assert verdict(read_replies(sock, 1)) == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request(b"", b"Expect: 100-continue", length=b"9999999"), b"413"),
        (request(b"", b"Expect: 100-continue", b"Content-Type: text/plain", length=b"9"), b"415"),
        (request(b"", b"Expect: 100-continue", target=b"/nothing", length=b"9"), b"404"),
    ],
    ids=["413", "415", "404"],
)
def test_a_client_that_asks_first_is_refused_without_sending(attacked, sent, status):
    with connect(attacked.url) as sock:
        sock.sendall(sent)
        assert sock.recv(12) == b"HTTP/1.1 " + status
        assert sock.makefile("rb").read().count(b"\r\nconnection: close\r\n") == 1  # and it ends


@pytest.mark.parametrize(
    ("method", "target", "headers", "statuses"),
    [
        (b"POST", b"/predict", [b"Connection: Upgrade", b"Upgrade: h2c"], [400, 200]),
        (b"POST", b"/predict", [b"Connection: Upgrade", b"Upgrade: TLS/1.0"], [400, 200]),
        (b"GET", b"/model", [b"Connection: Upgrade", b"Upgrade: h2c"], [200, 200]),
    ],
    ids=["HTTP/2", "TLS", "HTTP/2 by GET"],
)
def test_a_body_after_an_offer_is_never_taken_for_a_request(attacked, method, target, headers, statuses):
    hidden = bare(b"GET /model HTTP/1.1", b"Host: x")
    head = request(b"", *headers, method=method, target=target, length=b"%d" % len(hidden))
    with connect(attacked.url) as sock:
        send_slowly(sock, [head, hidden, LAST], pause_s=0.1)
        assert [reply.status for reply in read_replies(sock, 3)] == statuses


def test_what_follows_a_refused_tunnel_is_never_taken_for_a_request(attacked):
    """It was meant for the tunnel: the connection has to end."""
    hidden = bare(b"GET /model HTTP/1.1", b"Host: x")
    with connect(attacked.url) as sock:
        send_slowly(sock, [request(b"", method=b"CONNECT", length=b"%d" % len(hidden)), hidden], pause_s=0.1)
        assert [reply.status for reply in read_replies(sock, 2)] == [405]
