"""A store that failed several times in a row is left alone, but for one try at a time."""

import asyncio
from contextlib import suppress

import pytest

from forest_serving.features import breaker as module
from forest_serving.features.breaker import MOST_FAILURES, Breaker
from forest_serving.features.source import SourceFailed
from tests.features.made_up import MadeUp, fetching, found


@pytest.fixture
def clock(monkeypatch):
    """Return the time as the breaker sees it, in a list that can be changed."""
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def opened(clock):
    """Return a breaker that is open, at the moment when a try may be made."""
    breaker = Breaker()
    for _ in range(MOST_FAILURES):
        breaker.failed()
    assert not breaker.admits()
    clock[0] += module.OPEN_S
    return breaker


def test_failures_with_an_answer_between_them_open_nothing():
    breaker = Breaker()
    for _ in range(MOST_FAILURES):
        breaker.failed()
        breaker.succeeded()
    assert breaker.admits()


def test_one_try_is_made_at_a_time(opened):
    assert [opened.admits() for _ in range(3)] == [True, False, False]


def test_a_try_that_fails_is_followed_by_another_a_while_later(opened, clock):
    opened.admits()
    opened.failed()
    assert not opened.admits()
    clock[0] += module.OPEN_S
    assert opened.admits()


def test_a_try_that_succeeds_lets_everybody_in(opened):
    opened.admits()
    opened.succeeded()
    assert [opened.admits() for _ in range(3)] == [True] * 3


def test_while_it_is_open_requests_are_refused_without_a_fetch_and_heal_with_the_store(clock):
    async def asked():
        source = MadeUp(a="1")
        source.fault = SourceFailed("down")
        features = fetching(source)
        for _ in range(MOST_FAILURES):
            await found(features, "a")
        n_fetches = len(source.fetched)
        refused = [await found(features, "a") for _ in range(100)]
        assert len(source.fetched) == n_fetches
        source.fault = None
        clock[0] += module.OPEN_S
        return set(refused), await found(features, "a"), len(source.fetched) - n_fetches

    assert asyncio.run(asked()) == ({"SourceDown"}, [b"1"], 1)


def test_who_waits_when_it_opens_is_refused_at_once(clock, monkeypatch):
    """Here behind fetches that do not even heed that they are cancelled."""
    monkeypatch.setattr("forest_serving.features.fetching.MOST_FETCHES", MOST_FAILURES)

    class Stubborn(MadeUp):
        async def fetch(self, ids):
            self.fetched.append(ids)
            while not self.opened.is_set():
                with suppress(asyncio.CancelledError):
                    await self.opened.wait()

    async def asked():
        source = Stubborn()
        source.opened.clear()
        features, asking = fetching(source, timeout_s=0.1), []
        for n in range(MOST_FAILURES):
            asking.append(asyncio.ensure_future(found(features, str(n))))
            while len(source.fetched) == n:
                await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        asking.append(asyncio.ensure_future(found(features, "late")))
        answers = await asyncio.wait_for(asyncio.gather(*asking), 2)
        source.opened.set()
        return answers

    assert asyncio.run(asked()) == ["SourceTooSlow"] * MOST_FAILURES + ["SourceDown"]
