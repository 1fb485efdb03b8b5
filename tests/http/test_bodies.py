"""Bodies on their way: large ones are answered one after the other, and count as buffered until then."""

import asyncio
import contextlib
import socket

import uvloop

from forest_serving.errors import BuffersFull
from forest_serving.http.bodies import LARGE_BYTES, Bodies
from forest_serving.protocols.endpoint import Reply
from forest_serving.settings import read_settings

REPLY = Reply(b"yes", b"text/plain")


def test_a_large_body_counts_as_buffered_until_it_is_answered():
    """Else clients could send faster than the server answers, and fill its memory."""
    bodies = Bodies(read_settings({"FOREST_MAX_BUFFERED_BYTES": str(1 << 20)}))

    async def answer():
        await asyncio.sleep(0)
        return REPLY

    async def both():
        return await asyncio.gather(
            *(bodies.in_turn(answer, 600 << 10) for _ in range(2)),
            return_exceptions=True,
        )

    first, second = asyncio.run(both())
    assert first == REPLY
    assert isinstance(second, BuffersFull)
    assert bodies.n_buffered_bytes == 0


def test_large_bodies_are_answered_one_after_the_other_and_small_ones_at_once():
    """A small request then waits for one turn, not for one of each of the large ones."""
    bodies, ended = Bodies(read_settings({})), []

    async def answer(name, n_turns):
        for _ in range(n_turns):
            await asyncio.sleep(0)
        ended.append(name)
        return REPLY

    async def all_at_once():
        await asyncio.gather(
            bodies.in_turn(lambda: answer("first", 5), LARGE_BYTES + 1),
            bodies.in_turn(lambda: answer("second", 1), LARGE_BYTES + 1),
            bodies.in_turn(lambda: answer("small", 1), LARGE_BYTES),
        )

    asyncio.run(all_at_once())
    assert ended == ["small", "first", "second"]


def test_many_clients_that_connect_are_accepted_before_the_next_large_body():
    """uvloop accepts one in a turn of its loop. Were there a large body in each, the last of them would wait long."""
    bodies, accepted, lost = Bodies(read_settings({})), [], []

    class Accepting(asyncio.Protocol):
        def connection_made(self, transport):
            accepted.append(transport)

        def connection_lost(self, exc):
            lost.append(exc)

    async def accepted_before_a_large_body():
        return Reply(b"%d" % len(accepted))

    async def serve(listening, clients):
        server = await asyncio.get_running_loop().create_server(Accepting, sock=listening)
        reply = await bodies.in_turn(accepted_before_a_large_body, LARGE_BYTES + 1)
        clients.close()
        async with asyncio.timeout(10):  # uvloop does not end with connections left
            while len(lost) < N_CLIENTS:
                await asyncio.sleep(0)
        server.close()
        await server.wait_closed()
        return int(reply.body)

    with socket.create_server(("127.0.0.1", 0), backlog=N_CLIENTS) as listening, contextlib.ExitStack() as clients:
        for _ in range(N_CLIENTS):
            clients.enter_context(socket.create_connection(listening.getsockname(), timeout=10))
        assert uvloop.run(serve(listening, clients)) >= 10


N_CLIENTS = 32
