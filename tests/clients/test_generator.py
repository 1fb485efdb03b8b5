"""The load generator of the benchmarks, which is a program in Go: what it counts as answered."""

import contextlib
import os
import socketserver
import threading
import time

import pytest

from benchmarks.server.install import build_generator
from benchmarks.server.load import load
from benchmarks.server.peers import Peer
from benchmarks.server.rows import write_requests
from benchmarks.server.running import Running


@pytest.fixture(scope="module")
def generator(tmp_path_factory):
    return build_generator(tmp_path_factory.mktemp("generator"))


@contextlib.contextmanager
def replying(*pieces, close=False):
    """Answer each request with some pieces, and yield the server."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            while self.request.recv(65_536):
                for piece in pieces:
                    self.request.sendall(piece)
                    time.sleep(0.001)  # so that they arrive one by one
                if close:
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Running(Peer.read("uvicorn"), server.server_address[1], os.getpid())
        server.shutdown()


HEAD = b"HTTP/1.1 200 OK\r\n"
REPLIES = {
    "length": ([HEAD + b"content-length: 2\r\n\r\nok"], {}),
    "pieces": ([HEAD + b"Content-Len", b"gth: 4\r\n\r", b"\nok", b"ok"], {}),
    "chunked": ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", b"0\r\n\r\n"], {}),
    "closing": ([HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nok"], {"close": True}),
    "until the end": ([HEAD + b"\r\no", b"k"], {"close": True}),
}


@pytest.mark.parametrize("rate", [0, 100])
@pytest.mark.parametrize("kind", REPLIES)
def test_the_generator_counts_every_whole_reply_as_answered(generator, tmp_path, kind, rate):
    requests = write_requests(tmp_path / "requests", "/", [b"1", b"22"])
    pieces, options = REPLIES[kind]
    with replying(*pieces, **options) as server:
        found = load(generator, server, requests, 4, 0.2, rate=rate)
    assert found.failed == 0
    assert found.rps > 0
    assert 0 < found.p50_ms <= found.p99_ms


def test_the_generator_opens_a_connection_for_each_request_if_it_must(generator, tmp_path):
    requests = write_requests(tmp_path / "requests", "/", [b"1"], {"Connection": "close"})
    with replying(HEAD + b"Content-Length: 2\r\n\r\nok", close=True) as server:
        found = load(generator, server, requests, 4, 0.2, closes=True)
    assert found.failed == 0
    assert found.rps > 20


@pytest.mark.parametrize(
    ("reply", "close"),
    [
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", False),
        (HEAD + b"Content-Length: 9\r\n\r\nok", True),
        (b"", True),
    ],
    ids=["another status", "cut off", "nothing"],
)
def test_the_generator_counts_what_is_not_answered_as_failed(generator, tmp_path, reply, close):
    requests = write_requests(tmp_path / "requests", "/", [b"1"])
    with replying(reply, close=close) as server:
        assert load(generator, server, requests, 4, 0.2).failed == 4
