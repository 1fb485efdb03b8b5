"""What was fetched is used again for a while, if that is asked for."""

import asyncio

import pytest

from forest_serving.features import cache as module
from forest_serving.settings import read_settings
from tests.features.made_up import MadeUp, fetching, found


@pytest.fixture
def clock(monkeypatch):
    """Return the time as the cache and the fetches see it, in a list that can be changed."""
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    monkeypatch.setattr("forest_serving.features.fetching.monotonic", lambda: now[0])
    return now


def test_without_a_setting_nothing_is_kept():
    async def asked():
        source = MadeUp(a="1")
        features = fetching(source)
        await found(features, "a")
        await found(features, "a")
        return len(source.fetched)

    assert asyncio.run(asked()) == 2


def test_what_is_kept_is_found_at_once_until_it_is_too_old(clock):
    async def asked():
        source = MadeUp(a="1")
        features = fetching(source, cache_s=10)
        await found(features, "a")
        clock[0] += 9.9
        at_once = features.find(["a", "a"])
        clock[0] += 0.2
        await found(features, "a")
        return at_once, len(source.fetched), features.tally.ids["cache"], features.tally.ages_s

    at_once, n_fetches, n_cached, ages_s = asyncio.run(asked())
    assert (at_once, n_fetches, n_cached) == ([b"1", b"1"], 2, 2)
    assert ages_s == pytest.approx([9.9])


def test_only_what_is_not_kept_is_fetched():
    async def asked():
        source = MadeUp(a="1", b="2")
        features = fetching(source, cache_s=10)
        await found(features, "a")
        return await found(features, "x", "a", "b", "a", "x"), source.fetched[1:]

    assert asyncio.run(asked()) == ([None, b"1", b"2", b"1", None], [["x", "b"]])


def test_an_id_that_is_new_in_the_store_is_found_at_once():
    async def asked():
        source = MadeUp()
        features = fetching(source, cache_s=10)
        before = await found(features, "a")
        source.records["a"] = b"1"
        return before, await found(features, "a")

    assert asyncio.run(asked()) == ([None], [b"1"])


def test_no_more_is_kept_than_allowed_and_the_oldest_goes_first():
    async def asked():
        source = MadeUp(**{f"id{n}": str(n) for n in range(5)})
        features = fetching(source, cache_s=10, cache_ids=3)
        for id in ("id0", "id1", "id2", "id3", "id4"):
            await found(features, id)
        return [isinstance(features.find([id]), list) for id in ("id2", "id3", "id4")], len(features.cache._kept)

    assert asyncio.run(asked()) == ([True] * 3, 3)


def test_what_a_slow_fetch_found_does_not_replace_what_a_later_one_found(clock):
    kept = module.Cache(read_settings({"FOREST_FEATURES_CACHE_S": "10"}))
    kept.keep([("a", b"new")], clock[0] - 1)
    kept.keep([("a", b"old"), ("b", b"old")], clock[0] - 2)
    assert kept.fresh(["a", "b"]) == ([b"new", b"old"], 2.0)


def test_what_was_changed_is_fetched_anew_also_if_a_fetch_was_under_way():
    async def asked():
        source = MadeUp(a="old")
        source.opened.clear()
        features = fetching(source, cache_s=10)
        asking = asyncio.ensure_future(found(features, "a"))
        while not source.fetched:
            await asyncio.sleep(0)
        source.records["a"] = b"new"
        features.forget(["a"])
        source.opened.set()
        await asking
        return await found(features, "a")

    assert asyncio.run(asked()) == [b"new"]


@pytest.mark.parametrize(("stale_s", "answer"), [(0, "SourceDown"), (30, [b"1", b"1"])])
def test_stale_records_stand_in_for_a_store_that_fails_only_if_asked_for(clock, stale_s, answer):
    async def asked():
        source = MadeUp(a="1")
        features = fetching(source, cache_s=10, stale_s=stale_s)
        await found(features, "a")
        source.fault = OSError("down")
        clock[0] += 39
        return await found(features, "a", "a"), features.tally.ids["stale"]

    assert asyncio.run(asked()) == (answer, 2 if stale_s else 0)


def test_stale_records_are_used_while_the_breaker_is_open_too():
    async def asked():
        source = MadeUp(a="1")
        features = fetching(source, stale_s=30)
        await found(features, "a")
        source.fault = OSError("down")
        answers = [await found(features, "a") for _ in range(20)]
        return answers, features.breaker.is_open, await found(features, "a", "b")

    assert asyncio.run(asked()) == ([[b"1"]] * 20, True, "SourceDown")


def test_stale_records_that_are_too_old_are_not_used(clock):
    async def asked():
        source = MadeUp(a="1")
        features = fetching(source, cache_s=10, stale_s=30)
        await found(features, "a")
        source.fault = OSError("down")
        clock[0] += 41
        return await found(features, "a")

    assert asyncio.run(asked()) == "SourceDown"
