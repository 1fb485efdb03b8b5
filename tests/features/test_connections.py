"""Connections that are lent: how many, which ones again, and what becomes of those whose borrower was cancelled."""

import asyncio

import pytest

from forest_serving.features.connections import Connections
from tests.support.sources import within


class Line:
    """A connection that was made."""

    def __init__(self):
        self.closed = False

    def is_closed(self):
        return self.closed

    def terminate(self):
        self.closed = True


class Server:
    """Makes connections, each after some time."""

    def __init__(self, seconds=0.0, error=None):
        self.seconds = seconds
        self.error = error
        self.lines = []

    async def connect(self):
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        self.lines.append(Line())
        return self.lines[-1]

    @property
    def n_open(self):
        return sum(not line.closed for line in self.lines)


def is_harmless(error):
    return isinstance(error, KeyError)


async def use(connections, seconds=0.0, error=None):
    """Borrow a connection for a while."""
    async with connections.borrowed() as line:
        await asyncio.sleep(seconds)
        if error:
            raise error
        return line


def test_a_connection_is_used_again():
    async def run(server):
        connections = Connections(server.connect, 4, is_harmless)
        return [await use(connections) for _ in range(3)]

    assert len(set(asyncio.run(run(Server())))) == 1


def test_there_are_never_more_than_allowed():
    async def run(server):
        connections = Connections(server.connect, 4, is_harmless)
        await asyncio.gather(*(use(connections, 0.001) for _ in range(50)))

    asyncio.run(run(server := Server(0.001)))
    assert len(server.lines) == 4


@pytest.mark.parametrize(("error", "n_open"), [(KeyError(), 1), (ValueError(), 0)], ids=["harmless", "other"])
def test_only_a_harmless_error_leaves_a_connection_open(error, n_open):
    async def run(server):
        with pytest.raises(type(error)):
            await use(Connections(server.connect, 4, is_harmless), error=error)

    asyncio.run(run(server := Server()))
    assert server.n_open == n_open


def test_a_server_that_cut_one_connection_has_cut_those_that_nobody_uses():
    async def run(server):
        connections = Connections(server.connect, 4, is_harmless)
        await asyncio.gather(*(use(connections, 0.01) for _ in range(3)))
        with pytest.raises(ConnectionResetError):
            await use(connections, error=ConnectionResetError())

    asyncio.run(run(server := Server()))
    assert (len(server.lines), server.n_open) == (3, 0)


def test_one_whose_borrower_was_cancelled_is_closed_at_once():
    async def run(server):
        connections = Connections(server.connect, 4, is_harmless)
        await within(0.01, use(connections, seconds=60))
        assert server.lines[0].closed
        await use(connections)

    asyncio.run(run(server := Server()))
    assert len(server.lines) == 2


def test_in_the_place_of_one_that_took_too_much_of_the_deadline_another_is_made_for_the_next_borrower():
    async def run(server):
        connections = Connections(server.connect, 4, is_harmless)
        await within(0.08, use(connections, seconds=0.06))
        await asyncio.sleep(0.1)
        assert await within(0.08, use(connections, seconds=0.06))

    asyncio.run(run(Server(0.05)))


def test_one_that_takes_longer_than_the_deadline_to_make_is_made_all_the_same():
    async def run(server):
        connections = Connections(server.connect, 4, is_harmless)
        for _ in range(20):
            if await within(0.03, use(connections)):
                return len(server.lines)
        return None

    assert asyncio.run(run(Server(0.1))) == 1


def test_none_is_lent_that_was_closed_meanwhile():
    async def run(server):
        connections = Connections(server.connect, 4, is_harmless)
        (await use(connections)).terminate()
        return await use(connections)

    assert not asyncio.run(run(Server())).closed


def test_a_failure_that_nobody_waited_for_is_not_told_later():
    async def run(server):
        connections = Connections(server.connect, 4, is_harmless)
        await within(0.01, use(connections))
        await asyncio.sleep(0.1)
        server.error = None
        return await use(connections)

    assert asyncio.run(run(Server(0.05, OSError("long ago"))))


def test_a_failure_to_connect_is_the_borrowers():
    async def run(server):
        await use(Connections(server.connect, 4, is_harmless))

    with pytest.raises(OSError, match="nobody there"):
        asyncio.run(run(Server(error=OSError("nobody there"))))


@pytest.mark.parametrize("seconds", [0.0, 60.0], ids=["idle", "being made"])
def test_all_are_closed_at_the_end(seconds):
    async def run(server):
        connections = Connections(server.connect, 4, is_harmless)
        await within(0.01, use(connections))
        connections.close()
        await asyncio.sleep(0)
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert not asyncio.run(run(server := Server(seconds)))
    assert server.n_open == 0
