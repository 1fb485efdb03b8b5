"""The least that a server written in Python can do: a fixed reply for each piece that arrives."""

import asyncio
import sys

import uvloop

REPLY = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 19\r\n\r\n{"predictions":[0]}'


class Connection(asyncio.Protocol):
    """One client."""

    def connection_made(self, transport):
        """Keep what is written to."""
        self.write = transport.write

    def data_received(self, data):
        """Answer."""
        self.write(REPLY)


async def serve():
    """Accept connections until the process ends."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", int(sys.argv[1]), backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
