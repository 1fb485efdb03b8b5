"""Many clients at once that want much, or nothing: the worker's memory stays bounded, and others are served."""

import contextlib
import fcntl
import struct
import termios
import time
from collections import Counter

import pytest

from tests.support.verdicts import answers, faults_of
from tests.support.wire import GOOD, connect, read_replies, request
from tests.support.workers import memory_mb

N_IDLE, N_UPLOADS = 1000, 100
BUDGET_MB, SLACK_MB = 33.6, 16  # FOREST_MAX_BUFFERED_BYTES; what allocator and sockets take on top
UPLOAD = request(b"", length=b"1000000") + b" " * 600_000
DOCUMENT = request(method=b"GET", target=b"/docs.json")
ROWS = request(b'{"instances": [' + b", ".join([b"[1, 2, 3, 4]"] * 9_000) + b"]}", target=b"/predict_proba")


@pytest.fixture
def crowd(attacked):
    """Return a function that opens a number of connections; they are closed in the end."""
    with contextlib.ExitStack() as stack:
        yield lambda number: [stack.enter_context(connect(attacked.url)) for _ in range(number)]


def send_what_fits(sock, sent):
    """Send until the server reads no more for a moment."""
    sock.settimeout(0.02)
    with contextlib.suppress(TimeoutError, ConnectionError):
        sock.sendall(sent)
    sock.settimeout(10)


def test_a_thousand_idle_clients_leave_room_for_others_and_are_served_when_they_ask(attacked, crowd):
    idle = crowd(N_IDLE)
    assert all(answers(attacked.url) for _ in range(200))
    for sock in idle:
        sock.sendall(GOOD)
    assert Counter(reply.status for sock in idle for reply in read_replies(sock, 1)) == {200: N_IDLE}


def test_a_hundred_stalled_uploads_stay_within_the_budget_and_end(attacked, crowd):
    """Each announces a megabyte and sends 60 % of it: together nearly twice what the worker may buffer."""
    samples, uploads = [memory_mb(attacked.worker)], crowd(N_UPLOADS)
    for sock in uploads:
        send_what_fits(sock, UPLOAD)
    for _ in range(100):
        assert answers(attacked.url)
        samples.append(memory_mb(attacked.worker))
    replies = [reply for sock in uploads for reply in read_replies(sock, 1)]
    assert [reply.status for reply in replies if faults_of(reply) or reply.status not in (408, 429)] == []
    assert len(replies) == N_UPLOADS
    assert max(samples) - samples[0] < BUDGET_MB + SLACK_MB


def test_an_upload_refused_for_the_crowd_says_when_to_come_again(attacked, crowd):
    uploads = crowd(N_UPLOADS)
    for sock in uploads:
        sock.sendall(request(b"", length=b"1000000") + b"{")
    replies = [reply for sock in uploads for reply in read_replies(sock, 1)]
    waits = {reply.headers.get("retry-after", "").isdigit() for reply in replies if reply.status == 429}
    assert waits == {True}


def test_clients_that_do_not_read_their_large_replies_harm_nobody(attacked, crowd):
    """Together they ask for 17 MB, more than the sockets hold."""
    before_mb = memory_mb(attacked.worker)
    for sock in crowd(4):
        send_what_fits(sock, ROWS * 16)
    assert all(answers(attacked.url) for _ in range(20))
    assert memory_mb(attacked.worker) - before_mb < BUDGET_MB + SLACK_MB


def wait_until_full(sock):
    """Return once no more arrives than the socket holds."""
    n_bytes = before = None
    while n_bytes is None or n_bytes != before:
        time.sleep(0.05)
        before, n_bytes = n_bytes, struct.unpack("i", fcntl.ioctl(sock, termios.FIONREAD, b"\0" * 4))


def test_clients_that_leave_before_the_replies_to_requests_sent_together_harm_nobody(attacked, crowd):
    """Together these are more than the sockets hold, so that the server waits in the middle of one."""
    leaving = crowd(4)
    for sock in leaving:
        sock.sendall(DOCUMENT * 100)
    for sock in leaving:
        wait_until_full(sock)
        sock.close()
    assert all(answers(attacked.url) for _ in range(20))
