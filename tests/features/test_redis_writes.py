"""Features in Redis are changed only if they are as expected, whoever else changes them at the same time."""

import asyncio
from time import monotonic

import pytest

from forest_serving.errors import SourceBusy, SourceDown, SourceTooSlow
from forest_serving.features import redis_writes
from forest_serving.features.records import etag_of
from forest_serving.features.redis_source import RedisSource
from forest_serving.features.source import ANYTHING, Change, NotAsExpected
from tests.support.redis_servers import running_redis

A, B = b'{"x":1}', b'{"x":2}'


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(server):
    with server.client() as client:
        client.flushall()
    return server


def changed(server, *changes):
    """Make changes with a source of their own; return its result, and what it reads then."""

    async def change():
        source = RedisSource(server.url)
        try:
            return await source.change(changes), list(await source.fetch([change.id for change in changes]))
        finally:
            await source.close()

    return asyncio.run(change())


@pytest.mark.parametrize("id", ["a", "..", "\0", "a/b", "ü" * 128, "*"])
def test_what_was_stored_is_read(redis, id):
    assert changed(redis, Change(id, A, None)) == ([id], [A])
    assert changed(redis, Change(id, B, etag_of(A))) == ([], [B])
    assert changed(redis, Change(id, None, ANYTHING)) == ([], [None])


@pytest.mark.parametrize("expected", [None, etag_of(B)])
def test_nothing_is_changed_unless_all_is_as_expected(redis, expected):
    redis.store({"b": A})
    with pytest.raises(NotAsExpected) as refused:
        changed(redis, Change("a", A, None), Change("b", B, expected))
    assert refused.value.ids == ["b"]
    with redis.client() as client:
        assert client.keys() == [b"features:b"]


def test_what_is_no_string_is_not_replaced(redis):
    with redis.client() as client:
        client.hset("features:h", mapping={"x": 1})
        with pytest.raises(SourceDown, match="WRONGTYPE"):
            changed(redis, Change("a", A, None), Change("h", A, None))
        assert (client.hgetall("features:h"), client.keys()) == ({b"x": b"1"}, [b"features:h"])


def test_what_is_no_string_is_read_as_nothing(redis):
    async def read():
        source = RedisSource(redis.url)
        try:
            return await source.fetch(["h"])
        finally:
            await source.close()

    with redis.client() as client:
        client.hset("features:h", mapping={"x": 1})
    assert asyncio.run(read()) == [None]


def test_what_a_change_that_was_refused_expected_hinders_no_other(redis):
    """The connection is kept; what it went on watching would make later changes look again, and fill Redis' memory."""

    async def refused_and_made():
        source = RedisSource(redis.url)
        with pytest.raises(NotAsExpected):
            await source.change([Change("a", A, None)])
        redis.store({"a": B})
        n_before = redis.n_calls("exec")
        await source.change([Change("b", A, None)])
        await source.close()
        return redis.n_calls("exec") - n_before

    redis.store({"a": A})
    assert asyncio.run(refused_and_made()) == 1


def test_no_update_is_lost(redis):
    """Many read, add one, and write on the condition that it is what they read; each until it succeeds."""
    redis.store({"n": b"0"})

    async def add(source, times):
        while times:
            (old,) = await source.fetch(["n"])
            try:
                await source.change([Change("n", b"%d" % (int(old) + 1), etag_of(old))])
            except NotAsExpected:
                continue
            times -= 1

    async def add_together():
        source = RedisSource(redis.url)
        await asyncio.gather(*[add(source, 10) for _ in range(12)])
        (total,) = await source.fetch(["n"])
        await source.close()
        return total

    assert asyncio.run(add_together()) == b"120"


def test_whatever_is_there_is_changed_though_others_change_it(redis):
    redis.store({"n": b"0"})

    async def change_together():
        source = RedisSource(redis.url)
        changes = [source.change([Change("n", b"%d" % n, ANYTHING)]) for n in range(40)]
        made = await asyncio.gather(*changes)
        await source.close()
        return made

    assert asyncio.run(change_together()) == [[]] * 40


def test_a_store_that_hangs_is_given_up_and_nothing_is_changed(redis, monkeypatch):
    monkeypatch.setattr(redis_writes, "WRITE_S", 0.3)
    redis.stall()
    try:
        with pytest.raises(SourceBusy, match="nothing was changed"):
            changed(redis, Change("a", A, None))
    finally:
        redis.go_on()
    assert changed(redis, Change("b", A, None)) == (["b"], [A])
    with redis.client() as client:
        assert client.keys() == [b"features:b"]


def test_a_store_that_is_full_says_so(redis):
    with redis.client() as client:
        client.config_set("maxmemory", "1")
    try:
        with pytest.raises(SourceDown, match=r"maxmemory.*nothing was changed"):
            changed(redis, Change("a", A, None))
    finally:
        with redis.client() as client:
            client.config_set("maxmemory", "0")


def test_a_store_that_is_down_says_so(tmp_path):
    with running_redis(tmp_path) as server:
        pass
    with pytest.raises(SourceDown, match="nothing was changed"):
        changed(server, Change("a", A, None))


def test_a_store_that_was_started_again_is_changed_without_a_word(redis):
    """The connection that was kept is cut, which nobody sees before something is sent."""

    async def change_twice():
        source = RedisSource(redis.url)
        await source.change([Change("a", A, None)])
        redis.kill()
        redis.start()
        try:
            return await source.change([Change("a", B, None)])
        finally:
            await source.close()

    assert asyncio.run(change_twice()) == ["a"]


def test_every_change_is_given_up_at_the_deadline_while_the_store_hangs(redis, monkeypatch):
    """Also those whose turn comes just then: a change that is refused must not be made later."""
    monkeypatch.setattr(redis_writes, "WRITE_S", 1)

    async def seconds(source, number):
        began = monotonic()
        with pytest.raises((SourceBusy, SourceDown)):
            await source.change([Change(str(number), A, None)])
        return monotonic() - began

    async def slowest():
        source = RedisSource(redis.url)
        await source.change([Change("a", A, None)])
        redis.stall()
        changes = []
        for number in range(200):
            changes.append(asyncio.create_task(seconds(source, number)))
            await asyncio.sleep(0.001)
        longest = max(await asyncio.gather(*changes))
        await source.close()
        return longest

    try:
        assert asyncio.run(slowest()) < 4
    finally:
        redis.go_on()
    with redis.client() as client:
        assert client.keys() == [b"features:a"]


def test_nobody_knows_what_became_of_a_change_that_was_sent(redis, monkeypatch):
    """A connection that breaks between EXEC and its reply tells nothing; it must not be tried again by itself."""
    monkeypatch.setattr(redis_writes, "WRITE_S", 0.5)

    real = redis_writes._put

    def put(key, change):
        redis.stall()
        return real(key, change)

    monkeypatch.setattr(redis_writes, "_put", put)
    try:
        with pytest.raises(SourceTooSlow, match="did not say whether"):
            changed(redis, Change("a", A, None))
    finally:
        redis.go_on()


def test_hashes_are_only_read(redis):
    assert not hasattr(RedisSource(f"{redis.url}?layout=hash"), "change")
