"""HTTP parsed as uvicorn's protocol lets it be parsed, and a fixed reply for each request that is whole."""

import asyncio
import sys

import httptools
import uvloop

REPLY = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 19\r\n\r\n{"predictions":[0]}'


class Connection(asyncio.Protocol):
    """One client, and what the parser calls."""

    def connection_made(self, transport):
        """Keep what is written to."""
        self.write = transport.write
        self.feed = httptools.HttpRequestParser(self).feed_data

    def data_received(self, data):
        """Parse what arrived."""
        self.feed(data)

    def on_message_begin(self):
        """Begin a request."""
        self.url, self.headers, self.body = b"", {}, b""

    def on_url(self, url):
        """Keep the path."""
        self.url += url

    def on_header(self, name, value):
        """Keep a header."""
        self.headers[name.lower()] = value

    def on_headers_complete(self):
        """Do nothing: uvicorn makes its scope here."""

    def on_body(self, body):
        """Keep the body."""
        self.body += body

    def on_message_complete(self):
        """Answer."""
        self.write(REPLY)


async def serve():
    """Accept connections until the process ends."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", int(sys.argv[1]), backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
