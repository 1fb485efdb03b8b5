"""A collector that reads what it is sent and keeps nothing: python -m benchmarks.watching.collector PORT."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Takes whatever is posted; the connection stays open."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Read a body, and thank for it."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
