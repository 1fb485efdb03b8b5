"""More requests than the worker can answer: it answers all of them in the end, and is the same afterwards."""

import asyncio
import time

from tests.support.load import clients
from tests.support.verdicts import verdict
from tests.support.wire import GOOD, connect, read_replies
from tests.support.workers import memory_mb

N_CONNECTIONS, N_IN_FLIGHT = 32, 64  # 2,048 requests wait at any time, a few hundred times what one can ask in turn


async def overload(url, seconds):
    """Return the clients after some seconds in which each sends as fast as it can."""
    async with clients(url, N_CONNECTIONS) as crowd, asyncio.timeout(seconds + 10):
        deadline = time.monotonic() + seconds
        await asyncio.gather(*(client.ask_until(deadline, N_IN_FLIGHT) for client in crowd))
        return crowd


def test_under_more_load_than_it_can_take_every_request_is_answered_and_memory_is_flat(attacked):
    asyncio.run(overload(attacked.url, seconds=1))  # the first time, the allocator takes what it will need
    before_mb = memory_mb(attacked.worker)
    crowd = asyncio.run(overload(attacked.url, seconds=3))
    assert [client.other for client in crowd if client.other is not None] == []
    assert min(client.n_answered for client in crowd) > N_IN_FLIGHT  # nobody was left waiting for the others
    assert memory_mb(attacked.worker) - before_mb < 20


def test_within_a_second_after_the_load_a_request_is_answered_as_ever(attacked):
    asyncio.run(overload(attacked.url, seconds=0.5))
    with connect(attacked.url, timeout=1) as sock:
        sock.sendall(GOOD)
        assert verdict(read_replies(sock, 1)) == 200
