"""A server that records, for tests of what a proxy passes on."""

import contextlib
import socketserver
import threading

from tests.support.proxies import read_all


class Recorder(socketserver.ThreadingTCPServer):
    """A server that keeps every byte of each connection, and answers once, or breaks off."""

    daemon_threads = True

    def __init__(self, breaks_off=False):
        super().__init__(("127.0.0.1", 0), Recording)
        self.breaks_off = breaks_off
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.received = []


class Recording(socketserver.BaseRequestHandler):
    """One connection."""

    def handle(self):
        first = self.request.recv(1 << 16)
        is_check = b" /readyz " in first
        if is_check or not self.server.breaks_off:
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            first += read_all(self.request)
        if not is_check:
            self.server.received.append(first)


@contextlib.contextmanager
def recording(**options):
    """Run a recorder and yield it."""
    with Recorder(**options) as recorder:
        threading.Thread(target=recorder.serve_forever, daemon=True).start()
        yield recorder
        recorder.shutdown()
