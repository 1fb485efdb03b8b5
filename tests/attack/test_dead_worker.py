"""A worker that is killed takes its own connections with it, and nothing else; at once another is started."""

import asyncio
import math
import time
from itertools import pairwise
from typing import Any, NamedTuple

import psutil
import pytest

from tests.support.load import clients
from tests.support.servers import copy_of_store, serving
from tests.support.supervised import wait_for
from tests.support.verdicts import answers
from tests.support.workers import ports, workers_of

N_CLIENTS = 60
NEW_CLIENT_S = 2  # the other worker is there throughout; a busy machine is slow
TWO = "services.IrisClassifier.workers=2"


@pytest.fixture(scope="module")
def two_workers(bentoml_home, tmp_path_factory):
    """Return the URL of a server with two workers."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("two_workers"))
    with serving(home=home, BENTOML_CONFIG_OPTIONS=TWO, FOREST_DRAIN_S="0") as url:
        wait_for(lambda: (home / "server.log").read_text().count("Service IrisClassifier initialized") == 2)
        yield url


class Killing(NamedTuple):
    """What a kill did: the server's URL, the dead worker, the ports of its clients, and all clients a second later.

    And how long the next worker was awaited, in seconds, and when new clients were answered from then on.
    """

    url: str
    victim: Any
    lost: set
    crowd: list
    replaced_s: float
    answered: list


@pytest.fixture(scope="module")
def killing(two_workers):
    """Kill one of two workers under load."""
    return asyncio.run(kill_one_under_load(two_workers))


async def kill_one_under_load(url):
    """Kill the worker with fewer connections."""
    async with clients(url, N_CLIENTS) as crowd, asyncio.timeout(90):
        asking = [asyncio.create_task(client.ask_until(math.inf)) for client in crowd]
        await asyncio.sleep(1)  # under load
        port = int(url.rpartition(":")[2])
        victim = min(workers_of(url), key=lambda worker: len(ports(worker, port)))
        lost = ports(victim, port) - {0}
        before = set(psutil.Process(victim.ppid()).children())
        victim.kill()
        following = asyncio.create_task(asyncio.to_thread(seconds_until_another, before))
        answered = await asyncio.to_thread(ask_anew, url)
        for task in asking:
            task.cancel()  # of those that are still answered
        return Killing(url, victim, lost, crowd, await following, answered)


def seconds_until_another(before):
    """Return how long it takes until the parent of these processes has started another."""
    begun, parent = time.monotonic(), before.copy().pop().parent()
    wait_for(lambda: set(parent.children()) - before)
    return time.monotonic() - begun


def ask_anew(url):
    """Ask for two seconds, each time on a new connection; return when that began and when answers came."""
    moments = [time.monotonic()]
    while moments[-1] < moments[0] + 2:
        assert answers(url)
        moments.append(time.monotonic())
    return moments


def test_only_the_connections_of_a_killed_worker_fail(killing):
    """Those end early, without a wrong answer; the other worker's notice nothing."""
    assert {client.port for client in killing.crowd if client.other is not None} == killing.lost
    assert 0 < len(killing.lost) < N_CLIENTS


def test_no_new_client_waits_for_the_next_worker(killing):
    """Both workers take connections from one queue, so that none is left to the dead one."""
    assert max(after - before for before, after in pairwise(killing.answered)) < NEW_CLIENT_S


def test_the_killed_worker_is_replaced_at_once(killing):
    """To import what it needs takes the next one 1.7 seconds more, where nothing else runs."""
    assert killing.replaced_s < 2.5
    wait_for(lambda: answers(killing.url) and len(workers_of(killing.url)) == 2)
    assert killing.victim not in workers_of(killing.url)
