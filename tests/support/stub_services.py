"""A service that answers as a test says, byte by byte, and counts its connections."""

import asyncio
import contextlib
import json


class Stub:
    """What has been asked, and how.

    Args:
        answer: returns the bytes of a reply to a body; None to let the client wait.
        cuts: whether it ends the connection behind each.
    """

    def __init__(self, answer, cuts):
        self.answer = answer
        self.cuts = cuts
        self.heads = []
        self.bodies = []
        self.n_connections = 0
        self.n_open = 0
        self.url = ""

    async def serve(self, reader, writer):
        """Answer one connection until it ends."""
        self.n_connections += 1
        self.n_open += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(line for line in head.lower().splitlines() if line.startswith(b"content-length:"))
                body = await reader.readexactly(int(length.partition(b":")[2]))
                self.heads.append(head.decode())
                self.bodies.append(json.loads(body))
                reply = self.answer(json.loads(body))
                if reply is None:
                    await reader.read()
                    return
                writer.write(reply)
                if self.cuts:
                    return
        except (asyncio.IncompleteReadError, ConnectionResetError):
            pass
        finally:
            self.n_open -= 1
            writer.close()


@contextlib.asynccontextmanager
async def answering(answer, socket=None, cuts=False):
    """Yield a stub on a free port, or on a Unix socket."""
    stub = Stub(answer, cuts)
    if socket:
        server = await asyncio.start_unix_server(stub.serve, socket)
        stub.url = f"http+unix://{socket}"
    else:
        server = await asyncio.start_server(stub.serve, "127.0.0.1", 0, limit=1 << 25)
        stub.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield stub
    finally:
        server.close()


def reply(content, status="200 OK", *lines):
    """Return a reply with JSON, or with bytes as they are."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    head = "\r\n".join([f"HTTP/1.1 {status}", "content-type: application/json", f"content-length: {len(body)}", *lines])
    return f"{head}\r\n\r\n".encode() + body
