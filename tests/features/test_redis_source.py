"""Features in a real Redis."""

import asyncio
import json

import pytest

from forest_serving.errors import BadSetting
from forest_serving.features.redis_source import RedisSource
from forest_serving.features.source import SourceFailed
from tests.features.made_up import fetching, found
from tests.support.links import Link
from tests.support.redis_servers import running_redis

PASSWORD = "se cret"  # noqa: S105 - of a server on this machine, for a second
HOSTILE = ["../../etc/passwd", "a\0b", "%2F", "x\r\nFLUSHALL\r\n", "ü" * 128, "*", "a b", '"', "features:a"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


def fetched(url, *ids):
    """Return what is stored under ids, or raise as the source does."""

    async def ask():
        source = RedisSource(url)
        try:
            return await source.fetch(ids)
        finally:
            await source.close()

    return asyncio.run(ask())


def test_strings_are_found_under_the_prefix(server):
    server.store({"a": '{"x":1}'})
    server.store({"a": '{"x":2}'}, prefix="")
    assert fetched(server.url, "b", "a") == [None, b'{"x":1}']
    assert fetched(f"{server.url}?prefix=", "a") == [b'{"x":2}']


def test_an_id_is_a_name_and_nothing_else(server):
    server.store({id: json.dumps({"x": n}) for n, id in enumerate(HOSTILE)})
    assert fetched(server.url, *HOSTILE) == [b'{"x": %d}' % n for n in range(len(HOSTILE))]


def test_many_ids_need_one_command(server):
    server.store({str(n): str(n) for n in range(5_000)})
    before = server.n_calls("mget")
    assert fetched(server.url, *map(str, range(5_000)))[4_999] == b"4999"
    assert server.n_calls("mget") - before == 1


def test_a_hash_is_an_object_of_numbers_texts_and_null(server):
    fields = {"length": "5.1", "n": "-3e2", "kind": "wide", "gap": "", "quoted": '"', "nan": "nan", "code": "007"}
    with server.client() as client:
        client.hset("flowers:a", mapping=fields)
    (record,) = fetched(f"{server.url}?layout=hash&prefix=flowers:", "a")
    told = {"length": 5.1, "n": -300.0, "kind": "wide", "gap": None, "quoted": '"', "nan": "nan", "code": "007"}
    assert json.loads(record) == told


def test_what_is_no_hash_is_not_there_and_spoils_no_other_id(server):
    with server.client() as client:
        client.set("kinds:text", "1")
        client.hset("kinds:hash", "x", 1)
        client.rpush("kinds:list", 1)
    found = fetched(f"{server.url}?layout=hash&prefix=kinds:", "text", "hash", "list", "none")
    assert found == [None, b'{"x":1}', None, None]
    assert fetched(f"{server.url}?prefix=kinds:", "text", "hash", "list") == [b"1", None, None]


def test_many_hashes_are_asked_for_together(server):
    with server.client() as client:
        pipeline = client.pipeline()
        for n in range(1_000):
            pipeline.hset(f"many:{n}", "x", n)
        pipeline.execute()
    found = fetched(f"{server.url}?layout=hash&prefix=many:", *map(str, range(1_000)))
    assert found == [b'{"x":%d}' % n for n in range(1_000)]


def test_a_password_comes_with_the_url(tmp_path):
    with running_redis(tmp_path, "--requirepass", "se cret") as server:
        with server.client(username="default", password=PASSWORD) as client:
            client.set("features:a", "1")
        assert fetched(f"redis://:se%20cret@127.0.0.1:{server.port}", "a") == [b"1"]
        for url in (f"redis://:wrong@127.0.0.1:{server.port}", server.url):
            with pytest.raises((SourceFailed, OSError)) as refused:
                fetched(url, "a")
            assert "wrong" not in str(refused.value)


def test_after_a_restart_the_first_request_is_answered(tmp_path):
    """All kept connections are broken then."""
    with running_redis(tmp_path) as server:

        async def asked():
            features = fetching(RedisSource(server.url), timeout_s=5)
            try:
                return await found(features, "a"), server.kill(), server.start(), await found(features, "a")
            finally:
                await features.close()

        assert asyncio.run(asked()) == ([None], None, None, [None])


def test_a_fetch_that_was_given_up_leaves_no_other_request_its_reply(tmp_path):
    with running_redis(tmp_path) as server, Link(server.port) as link:
        server.store({"a": "1", "b": "2"})

        async def asked():
            features = fetching(RedisSource(f"redis://127.0.0.1:{link.port}"), timeout_s=0.1)
            try:
                await found(features, "a")
                link.delay_s = 0.2
                late = await found(features, "a")
                link.delay_s = 0
                return late, [await found(features, "b") for _ in range(10)]
            finally:
                await features.close()

        assert asyncio.run(asked()) == ("SourceTooSlow", [[b"2"]] * 10)


def test_a_connection_that_takes_longer_than_the_deadline_is_there_for_a_later_request(tmp_path):
    """As where a password is sent to a server far away."""
    with running_redis(tmp_path, "--requirepass", PASSWORD) as server, Link(server.port) as link:
        link.delay_s = 0.15

        async def asked():
            features = fetching(RedisSource(f"redis://:se%20cret@127.0.0.1:{link.port}"), timeout_s=0.25)
            try:
                return await found(features, "a"), await asyncio.sleep(1), await found(features, "a")
            finally:
                await features.close()

        assert asyncio.run(asked()) == ("SourceTooSlow", None, [None])


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("redis://localhost:x", "FOREST_FEATURES is no URL of Redis: .*x"),
        ("redis://localhost/?layout=list", "FOREST_FEATURES has layout=list; it may be json or hash"),
        ("redis://localhost/?no_such_option=1", "FOREST_FEATURES is no URL of Redis: .*no_such_option"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_before_the_first_request(url, sentence):
    with pytest.raises(BadSetting, match=sentence):
        RedisSource(url)
