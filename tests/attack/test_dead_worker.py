"""A worker that is killed takes its own connections with it, and nothing else; soon there is another."""

import asyncio
import time
from typing import Any, NamedTuple

import pytest

from tests.support.load import clients
from tests.support.servers import copy_of_store, serving
from tests.support.verdicts import answers
from tests.support.workers import ports, workers_of

N_CLIENTS = 60
TWO = "services.IrisClassifier.workers=2"


@pytest.fixture(scope="module")
def two_workers(bentoml_home, tmp_path_factory):
    """Return the URL of a server with two workers."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("two_workers"))
    with serving(home=home, BENTOML_CONFIG_OPTIONS=TWO, FOREST_DRAIN_S="0") as url:
        wait_for(lambda: (home / "server.log").read_text().count("Service IrisClassifier initialized") == 2)
        yield url


def wait_for(holds, seconds=30):
    """Return once something holds; fail if it does not soon enough."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Killing(NamedTuple):
    """What a kill did: the server's URL, the dead worker, the ports of its clients, and all clients a second later."""

    url: str
    victim: Any
    lost: set
    crowd: list


@pytest.fixture(scope="module")
def killing(two_workers):
    """Kill one of two workers under load."""
    return asyncio.run(kill_one_under_load(two_workers))


async def kill_one_under_load(url):
    """Kill the worker with fewer connections."""
    async with clients(url, N_CLIENTS) as crowd, asyncio.timeout(20):
        asking = asyncio.gather(*(client.ask_until(time.monotonic() + 2) for client in crowd))
        await asyncio.sleep(1)  # under load
        port = int(url.rpartition(":")[2])
        victim = min(workers_of(url), key=lambda worker: len(ports(worker, port)))
        lost = ports(victim, port) - {0}
        victim.kill()
        await asking
        return Killing(url, victim, lost, crowd)


def test_only_the_connections_of_a_killed_worker_fail(killing):
    """Those end early, without a wrong answer; the other worker's notice nothing."""
    assert {client.port for client in killing.crowd if client.other is not None} == killing.lost
    assert 0 < len(killing.lost) < N_CLIENTS


def test_the_killed_worker_is_replaced_and_new_clients_are_answered_throughout(killing):
    """BentoML's supervisor looks every ten seconds."""
    wait_for(lambda: answers(killing.url) and len(workers_of(killing.url)) == 2)
    assert killing.victim not in workers_of(killing.url)
    assert all(answers(killing.url) for _ in range(50))
