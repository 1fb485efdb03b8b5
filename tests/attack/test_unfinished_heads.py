"""Heads and the like that never end: given up after a limit of bytes if they come fast, of time if they come slowly."""

import contextlib
import socket
import threading
import time

import pytest

from forest_serving.host.uvicorn_timer import HEAD_TIMEOUT_S
from tests.support.verdicts import PLAIN, answers, verdict
from tests.support.wire import GOOD, ask, chunked, connect, read_replies, request

HEAD = b"GET /model HTTP/1.1\r\nHost: x\r\n"
ANSWERED = HEAD + b"\r\n"
REFUSED = request(b"", target=b"/nothing", length=b"9999999")
REFUSED_CHUNKS = chunked(b"1;a=").replace(b"/predict", b"/nothing")
LAST_CHUNK = chunked(b"1\r\n1\r\n0\r\n")
SPARE_S = 8  # a machine may be slow, and is never fast: nothing may end before its time

SLOW = {  # what → what is sent at first, what drips, the status of the last reply
    "nothing": (b"", b"", None),
    "half a head": (HEAD, b"", 408),
    "a head line by line": (HEAD, b"a:b\r\n", 408),
    "a value byte by byte": (HEAD + b"a: ", b"x", 408),
    "a path byte by byte": (b"GET /", b"x", 408),
    "empty lines": (b"\r\n", b"\r\n", None),
    "empty lines after an answer": (ANSWERED, b"\r\n", 200),
    "half a second head": (ANSWERED + HEAD, b"a:b\r\n", 408),
    "a refused body byte by byte": (REFUSED, b"x", 404),
}
FAST = {  # what → what is sent at first, what is sent again and again, the last verdict
    "header lines": (HEAD, b"a:b\r\n" * 1000, 431),
    "one name": (HEAD, b"x" * 5000, 431),
    "one value": (HEAD + b"a: ", b"x" * 5000, 431),
    "spaces before a value": (HEAD + b"a: ", b" " * 5000, 431),
    "a path": (b"GET /", b"x" * 5000, 414),
    "lines after an answer": (ANSWERED + HEAD, b"a:b\r\n" * 1000, 431),
    "empty lines": (b"", b"\r\n" * 2500, PLAIN),
    "empty lines after an answer": (ANSWERED, b"\r\n" * 2500, PLAIN),
    "a chunk's extension": (chunked(b"1;a="), b"x" * 5000, PLAIN),
    "a refused chunk's extension": (REFUSED_CHUNKS, b"x" * 5000, PLAIN),
    "trailers": (LAST_CHUNK, b"a:b\r\n" * 1000, PLAIN),
    "one trailer": (LAST_CHUNK + b"a: ", b"x" * 5000, PLAIN),
}


def send_on(sock, part, pause_s, until_s):
    """Send a part again and again until the server hangs up; return how many bytes that were."""
    n_bytes = 0
    with contextlib.suppress(OSError):
        while part and time.monotonic() < until_s:
            n_bytes += sock.send(part)
            time.sleep(pause_s)
    return n_bytes


def lived_s(url, first, drip):
    """Return for how long a connection lives on which parts drip in, and its last reply."""
    with connect(url, timeout=HEAD_TIMEOUT_S + SPARE_S) as sock:
        started_s = time.monotonic()
        if first.startswith(ANSWERED):  # by itself: whole, so that a lane may answer it
            sock.sendall(ANSWERED)
            sock.recv(1, socket.MSG_PEEK)
        sock.sendall(first.removeprefix(ANSWERED))
        dripping = threading.Thread(target=send_on, args=(sock, drip, 0.3, started_s + 60), daemon=True)
        dripping.start()
        replies = read_replies(sock, 3)
        return time.monotonic() - started_s, replies[-1].status if replies else None


@pytest.fixture(scope="module")
def slow(attacked):
    """Return how all slow connections at once ended, as (seconds, status) by name."""
    ends = {}

    def wait(name, first, drip, _):
        ends[name] = lived_s(attacked.url, first, drip)

    threads = [threading.Thread(target=wait, args=(name, *case)) for name, case in SLOW.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.mark.parametrize("name", SLOW)
def test_a_head_that_is_not_whole_in_time_ends_the_connection(slow, name):
    """And one that never begins, and what comes after an answer and is no request."""
    seconds, status = slow[name]
    assert HEAD_TIMEOUT_S - 1 < seconds < HEAD_TIMEOUT_S + SPARE_S
    assert status == SLOW[name][2]


@pytest.mark.parametrize(("first", "part", "expected"), FAST.values(), ids=FAST)
def test_what_never_ends_is_given_up_after_a_limit_of_bytes(attacked, first, part, expected):
    """Before the key, before any work, and before it fills the memory."""
    with connect(attacked.url) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        sock.sendall(first)
        n_bytes = send_on(sock, part, 0.001, time.monotonic() + 10)
        replies = read_replies(sock, 3)
    assert n_bytes < 1_000_000
    assert verdict(replies[-1:]) == expected
    assert answers(attacked.url)


def test_a_large_head_waits_for_the_answers_that_are_owed(attacked):
    with connect(attacked.url) as sock:
        sock.sendall(GOOD + GOOD + HEAD + b"a:b\r\n" * 1000)
        assert [reply.status for reply in read_replies(sock, 4)] == [200, 200, 431]


def test_a_head_that_is_too_large_is_that_whatever_comes_after_it(attacked):
    """However its bytes arrive; that they cannot be parsed is found later."""
    (reply,) = ask(attacked.url, HEAD + b"a:b\r\n" * 102 + b"\0", n_replies=2)
    assert reply.status == 431


def test_many_heads_in_one_packet_are_not_taken_for_one(attacked):
    heads = (HEAD + b"a: " + b"x" * 3000 + b"\r\n\r\n") * 60
    with connect(attacked.url) as sock:
        sock.sendall(heads)
        assert [reply.status for reply in read_replies(sock, 60)] == [200] * 60


def test_a_body_is_no_head(attacked):
    """However it is cut, and however many chunks it comes in."""
    body = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'.ljust(500_000)
    many = b"".join(b"64\r\n%s\r\n" % body[n : n + 100] for n in range(0, len(body), 100)) + b"0\r\n\r\n"
    for sent in (request(body), chunked(many)):
        with connect(attacked.url) as sock:
            sock.sendall(sent)
            assert verdict(read_replies(sock, 1)) == 200


def test_a_trailer_is_no_header(attacked):
    """uvicorn takes one for a header where it comes in the same packet: it could bring a media type, or a key."""
    trailer = b"Content-Type: text/plain\r\nAccept: text/plain\r\n"
    body = b"25\r\n" + b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}' + b"\r\n0\r\n" + trailer + b"\r\n"
    with connect(attacked.url) as sock:
        sock.sendall(chunked(body) + HEAD + b"\r\n")
        assert [reply.status for reply in read_replies(sock, 2)] == [200, 200]
