"""Clients that send good requests as fast as they are answered, on connections that they keep."""

import asyncio
import contextlib
import time
from urllib.parse import urlsplit

from tests.support.wire import GOOD


class Client:
    """One connection and what became of its requests.

    Attributes:
        port: the client's port, by which the server's side of the connection can be found.
        n_answered: how many requests were answered with 200.
        other: the beginning of the first other answer, b"" for an early end of the connection; None if all is well.
    """

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.port = writer.get_extra_info("sockname")[1]
        self.n_answered, self.other = 0, None

    async def ask(self, n_requests=1):
        """Send requests in one packet and wait for all answers; return whether they were good."""
        answers = b""
        with contextlib.suppress(ConnectionError):
            self.writer.write(GOOD * n_requests)
            while answers.count(b"HTTP/1.1 ") < n_requests or not answers.endswith(b"}"):  # every body is JSON
                answers += (part := await self.reader.read(65_536))
                if not part:
                    break
        n_good = answers.count(b"HTTP/1.1 200 OK\r\n")
        self.n_answered += n_good
        if n_good < n_requests:
            self.other = answers[:80]
        return n_good == n_requests

    async def ask_until(self, deadline, n_requests=1):
        """Ask again and again until a time, or until something goes wrong."""
        while time.monotonic() < deadline and await self.ask(n_requests):
            pass


@contextlib.asynccontextmanager
async def clients(url, number):
    """Yield a number of clients, each with its first request answered."""
    address = urlsplit(url).hostname, urlsplit(url).port
    made = [Client(*await asyncio.open_connection(*address)) for _ in range(number)]
    try:
        for client in made:
            assert await client.ask()
        yield made
    finally:
        for client in made:
            client.writer.close()
