"""A store that has to be waited for is asked for many requests at once, and none of them waits for long."""

import asyncio
import time

import pytest

from forest_serving.errors import SourceBusy
from forest_serving.features import fetching as module
from forest_serving.features.source import SourceFailed
from tests.features.made_up import MadeUp, fetching, found, outcome


@pytest.fixture
def run():
    """Return asyncio.run, without what it would leave behind."""
    with asyncio.Runner() as runner:
        yield runner.run


def test_all_ids_of_a_turn_are_fetched_at_once_each_one_once(run):
    async def asked():
        source = MadeUp(a="1", b="2")
        features = fetching(source)
        answers = await asyncio.gather(found(features, "a"), found(features, "b", "a"), found(features, "c", "c"))
        return answers, source.fetched

    assert run(asked()) == ([[b"1"], [b"2", b"1"], [None, None]], [["a", "b", "c"]])


def test_requests_without_an_id_in_common_get_their_own(run):
    async def asked():
        features = fetching(MadeUp(a="1", b="2", c="3"))
        return await asyncio.gather(found(features, "a", "b"), found(features, "x", "c"))

    assert run(asked()) == [[b"1", b"2"], [None, b"3"]]


def test_what_comes_while_enough_is_under_way_is_fetched_together_after_it(run):
    async def asked():
        source = MadeUp(a="1")
        source.opened.clear()
        features = fetching(source, timeout_s=5)
        asking = []
        for n in range(module.MOST_FETCHES + 20):
            asking.append(asyncio.ensure_future(found(features, "a", str(n))))
            for _ in range(3):
                await asyncio.sleep(0)
        n_before = len(source.fetched)
        source.opened.set()
        return n_before, await asyncio.gather(*asking), [len(ids) for ids in source.fetched[n_before:]]

    n_before, answers, later = run(asked())
    assert (n_before, later) == (module.MOST_FETCHES, [21])
    assert set(map(tuple, answers)) == {(b"1", None)}


def test_nobody_gets_what_was_fetched_before_they_asked(run):
    """Whoever writes an id and then asks for it must get what was written."""

    async def asked():
        source = MadeUp(a="old")
        source.opened.clear()
        features = fetching(source, timeout_s=5)
        first = asyncio.ensure_future(found(features, "a"))
        await until(lambda: source.fetched)
        source.records["a"] = b"new"
        second = asyncio.ensure_future(found(features, "a"))
        await until(lambda: len(source.fetched) == 2)
        source.opened.set()
        return await asyncio.gather(first, second)

    assert run(asked()) == [[b"old"], [b"new"]]


def test_a_store_that_hangs_is_given_up_at_the_deadline(run):
    async def asked():
        source = MadeUp(a="1")
        source.opened.clear()
        features = fetching(source, timeout_s=0.05)
        answer = await asyncio.wait_for(found(features, "a"), 2)
        await asyncio.sleep(0)
        return answer, source.n_cancelled, features.tally.n_waiting, features.tally.fetches["too_slow"]

    assert run(asked()) == ("SourceTooSlow", 1, 0, 1)


def test_what_came_while_the_process_stood_still_is_read_although_the_deadline_has_passed(run):
    """As in a container that is paused, or on a machine that is moved."""

    async def asked():
        source = MadeUp(a="1")
        source.opened.clear()
        asking = asyncio.ensure_future(found(fetching(source, timeout_s=0.1), "a"))
        await until(lambda: source.fetched)
        asyncio.get_running_loop().call_later(0.05, source.opened.set)
        time.sleep(0.4)
        return await asking

    assert run(asked()) == [b"1"]


def test_a_store_that_hangs_is_given_up_although_the_process_stood_still(run):
    async def asked():
        source = MadeUp(a="1")
        source.opened.clear()
        asking = asyncio.ensure_future(found(fetching(source, timeout_s=0.1), "a"))
        await until(lambda: source.fetched)
        time.sleep(0.4)
        return await asyncio.wait_for(asking, 5)

    assert run(asked()) == "SourceTooSlow"


def test_a_request_that_waits_for_its_turn_has_the_same_deadline(run):
    async def asked():
        source = MadeUp()
        source.opened.clear()
        features = fetching(source, timeout_s=0.5)
        asking = []
        for n in range(module.MOST_FETCHES + 3):
            asking.append(asyncio.ensure_future(found(features, str(n))))
            for _ in range(3):
                await asyncio.sleep(0)
        return set(await asyncio.wait_for(asyncio.gather(*asking), 20)), len(source.fetched)

    errors, n_fetches = run(asked())
    assert errors <= {"SourceTooSlow", "SourceDown"}
    assert n_fetches == module.MOST_FETCHES


def test_a_fetch_that_is_given_up_before_its_first_step_leaves_its_place_to_others(run):
    """As it happens when the deadlines of a fetch and of what waits behind it pass within a turn of the loop."""

    async def asked():
        source = MadeUp(a="1")
        features = fetching(source)
        for _ in range(module.MOST_FETCHES):
            waiting = asyncio.ensure_future(found(features, "a"))
            await asyncio.sleep(0)
            batch = features._next
            features._send()
            features._expire(batch)
            await waiting
            features.breaker.succeeded()
        return await asyncio.wait_for(found(features, "a"), 5)

    assert run(asked()) == [b"1"]


def test_a_request_that_is_cancelled_leaves_the_others_theirs(run):
    async def asked():
        source = MadeUp(a="1")
        source.opened.clear()
        features = fetching(source, timeout_s=5)
        one, other = (asyncio.ensure_future(found(features, "a")) for _ in range(2))
        await until(lambda: source.fetched)
        one.cancel()
        source.opened.set()
        return await other, features.tally.n_waiting

    assert run(asked()) == ([b"1"], 0)


def test_more_ids_than_may_wait_are_refused_at_once(run, monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING_IDS", 10)

    async def asked():
        features = fetching(MadeUp())
        first = [features.find(["a"] * 6), features.find(["b"] * 4)]
        with pytest.raises(SourceBusy) as refused:
            features.find(["c"])
        return [len(each) for each in await asyncio.gather(*first)], refused.value.headers

    assert run(asked()) == ([6, 4], {"Retry-After": "1"})


def test_one_request_may_have_more_ids_than_may_wait(run, monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING_IDS", 10)
    monkeypatch.setattr(module, "FETCH_IDS", 4)

    async def asked():
        source = MadeUp(**{f"id{n}": str(n) for n in range(11)})
        return await found(fetching(source), *source.records), [len(ids) for ids in source.fetched]

    assert run(asked()) == ([b"%d" % n for n in range(11)], [4, 4, 3])


def test_a_connection_that_broke_is_tried_once_more_at_once(run):
    class Breaking(MadeUp):
        async def fetch(self, ids):
            self.fault = None if self.fetched else ConnectionResetError()
            return await super().fetch(ids)

    async def asked():
        source = Breaking(a="1")
        return await found(fetching(source), "a"), len(source.fetched)

    assert run(asked()) == ([b"1"], 2)


@pytest.mark.parametrize("fault", [SourceFailed("no permission"), OSError("refused"), KeyError("x")])
def test_a_store_that_fails_is_told_as_503_with_when_to_come_back(run, fault):
    async def asked():
        source = MadeUp()
        source.fault = fault
        with pytest.raises(module.RequestError) as refused:
            await fetching(source).find(["a"])
        return refused.value.status, refused.value.headers

    assert run(asked()) == (503, {"Retry-After": "1"})


def test_a_store_that_returns_another_number_of_records_fails(run):
    class Short(MadeUp):
        async def fetch(self, ids):
            return (await super().fetch(ids))[1:]

    assert run(found(fetching(Short(a="1")), "a", "b")) == "SourceDown"


def test_the_log_says_once_why_a_store_fails_and_when_it_is_back(run, caplog):
    async def asked():
        source = MadeUp()
        features = fetching(source)
        source.fault = SourceFailed("NOPERM this user may not")
        for _ in range(3):
            await found(features, "a")
        source.fault = None
        await found(features, "a")

    run(asked())
    first, last = (record.message for record in caplog.records)
    assert first == "The store of features cannot be asked: NOPERM this user may not"
    assert last == "The store of features answers again."


def test_at_the_end_nobody_is_left_waiting(run):
    async def asked():
        source = MadeUp()
        source.opened.clear()
        features = fetching(source, timeout_s=60)
        under_way = asyncio.ensure_future(found(features, "a"))
        await until(lambda: source.fetched)
        waiting = features.find(["b"])
        await features.close()
        return await asyncio.wait_for(under_way, 1), await outcome(waiting), source.closed

    assert run(asked()) == ("SourceDown", "SourceDown", True)


async def until(condition):
    """Let others have their turn until a condition holds."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)
