"""Many requests in one packet: answered in order, and never more of them held in memory than that."""

import contextlib
import time

from tests.support.verdicts import answers, verdict
from tests.support.wire import CHUNKED, GOOD, GOOD_BODY, ask, bare, connect, request
from tests.support.workers import memory_mb

SHORTEST = b"GET / HTTP/1.1\r\n\r\n"
MODEL = bare(b"GET /model HTTP/1.1", b"Host: x")
MIXED = {  # a request → the status of its answer
    GOOD: 200,
    request(b"{"): 400,
    request(method=b"GET", target=b"/nothing"): 404,
    request(method=b"PUT"): 405,
    request(GOOD_BODY, b"Content-Encoding: gzip"): 415,
    request(b"x" * 1_100_000): 413,
    MODEL: 200,
}


def flood(sock, megabytes, patience_s=0.5):
    """Send the shortest request again and again, and read nothing, until the server stops reading or hangs up."""
    sock.setblocking(False)
    block, deadline, n_sent = SHORTEST * 10_000, time.monotonic() + patience_s, 0
    with contextlib.suppress(ConnectionError):
        while time.monotonic() < deadline and n_sent < megabytes * 1e6:
            with contextlib.suppress(BlockingIOError):
                n_sent += sock.send(block[n_sent % len(SHORTEST) :])


def test_a_hundred_requests_in_one_packet_are_answered_in_order(attacked):
    replies = ask(attacked.url, (GOOD * 9 + MODEL) * 10, n_replies=100)
    assert [reply.body[:9] for reply in replies] == ([b'{"predict'] * 9 + [b'{"name":"']) * 10


def test_all_requests_are_answered_to_a_client_that_then_says_that_it_sends_no_more(attacked):
    replies = ask(attacked.url, GOOD * 50, n_replies=50, half_close=True)
    assert [reply.status for reply in replies] == [200] * 50


def test_good_and_bad_requests_in_one_packet_are_answered_in_order(attacked):
    replies = ask(attacked.url, b"".join(MIXED) * 5, n_replies=5 * len(MIXED))
    assert [verdict([reply]) for reply in replies] == list(MIXED.values()) * 5


def test_a_broken_frame_does_not_overtake_the_answer_before_it(attacked):
    """The first answer on a connection belongs to the first request, whatever follows in the same packet."""
    broken = bare(b"POST /predict HTTP/1.1", CHUNKED, body=b"zz\r\n")
    assert verdict(ask(attacked.url, GOOD + broken)) == 200


def test_requests_that_wait_for_their_turn_do_not_fill_the_memory(attacked):
    """A client that sends requests and reads no answers must be stopped by the socket's buffers, not by the end of
    the machine's memory: a request of 18 bytes takes more than a kilobyte once it is parsed."""
    before_mb = memory_mb(attacked.worker)
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            flood(stack.enter_context(connect(attacked.url)), megabytes=8)
        assert answers(attacked.url)
        assert memory_mb(attacked.worker) - before_mb < 50
