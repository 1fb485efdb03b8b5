"""Who may change what is stored, what a store that cannot says, and what is taken where no model checks it."""

import asyncio
import json

import pytest

from forest_serving.errors import UnfitRecord
from forest_serving.features.breaker import MOST_FAILURES
from forest_serving.features.fetching import Fetching
from forest_serving.features.source import SourceFailed
from forest_serving.protocols.endpoint import TARGET
from forest_serving.protocols.feature_resources import protocol
from forest_serving.settings import read_settings
from tests.features.made_up import MadeUp, fetching
from tests.support.cards import card
from tests.support.in_process import Recorder, answer_of, gateway_of
from tests.support.resources import IRIS, asked, put, store
from tests.support.stores import KEYS, WRITER


def test_without_keys_nothing_can_be_changed_and_the_sentence_names_the_variable(features):
    gateway = gateway_of(Recorder(card()), features)
    for method, path in [("PUT", "/features/a"), ("PATCH", "/features/a"), ("DELETE", "/features/a")]:
        refused = asked(gateway, method, path)
        assert (refused.status, "FOREST_WRITE_KEYS" in refused.error) == (405, True)
        assert refused.headers[b"allow"] == b"GET, HEAD"
    assert asked(gateway, "POST", "/features").headers[b"allow"] == b"GET, HEAD"


def test_a_source_that_cannot_be_changed_says_so():
    class Fixed:
        def find(self, ids):
            return [json.dumps(IRIS).encode() for _ in ids]

    gateway = gateway_of(Recorder(card()), Fixed(), **KEYS)
    refused = put(gateway)
    assert (refused.status, "cannot be changed here" in refused.error) == (405, True)
    assert asked(gateway, "GET", "/features").status == 405
    assert asked(gateway, "GET", "/features/a17").body["updated_at"] is None


def test_only_keys_for_writing_write(features):
    gateway = gateway_of(Recorder(card()), features, FOREST_API_KEYS="reader", **KEYS)
    body = json.dumps({"features": IRIS}).encode()
    for key, status in [(b"reader", 403), (b"x", 401), (b"writer", 201)]:
        headers = [(b"authorization", b"Bearer " + key)]
        assert asyncio.run(answer_of(gateway, "PUT", "/features/a", headers, body))[0] == status


@pytest.mark.parametrize("fault", [SourceFailed("down"), OSError()])
def test_whoever_reads_a_store_that_fails_is_told_when_to_come_back(fault):
    class Faulty:
        async def fetch(self, ids):
            raise fault

        async def change(self, changes):
            raise fault

    gateway = gateway_of(Recorder(card()), Fetching(Faulty(), read_settings({})), **KEYS)
    refused = asked(gateway, "GET", "/features/a17")
    assert (refused.status, refused.headers[b"retry-after"]) == (503, b"1")


class Changeable(MadeUp):
    """A store that has to be waited for, and can be changed."""

    async def change(self, changes):
        return []


@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("PUT", json.dumps({"features": IRIS}).encode())])
def test_a_store_that_hangs_is_left_alone_by_those_too_who_want_one_row(method, body):
    """Each would wait for the deadline, for as long as it hangs."""

    async def statuses():
        source = Changeable()
        source.opened.clear()
        gateway = gateway_of(Recorder(card()), fetching(source, timeout_s=0.05), **KEYS)
        answers = [await answer_of(gateway, method, "/features/a17", WRITER, body) for _ in range(7)]
        return [status for status, _, _ in answers], len(source.fetched)

    assert asyncio.run(statuses()) == ([504] * MOST_FAILURES + [503] * 2, MOST_FAILURES)


def test_those_who_want_one_row_at_the_same_time_are_answered_by_one_fetch_past_the_cache():
    async def fetches():
        source = Changeable(a17=json.dumps(IRIS), b3=json.dumps(IRIS))
        gateway = gateway_of(Recorder(card()), fetching(source, cache_s=60), **KEYS)
        for _ in range(2):
            paths = ["/features/a17", "/features/b3", "/features/a17"]
            answers = await asyncio.gather(*[answer_of(gateway, "GET", path) for path in paths])
            assert [status for status, _, _ in answers] == [200] * 3
        return source.fetched

    assert asyncio.run(fetches()) == [["a17", "b3"]] * 2


def test_without_a_store_the_path_says_how_to_have_one():
    refused = asked(gateway_of(Recorder(card()), None, **KEYS), "GET", "/features/a17")
    assert (refused.status, "FOREST_FEATURES" in refused.error) == (404, True)


@pytest.mark.parametrize("value", [1, -2.5, "text", "", True, None, 2**70])
def test_without_a_model_any_scalar_is_stored(features, value):
    table = protocol(features, read_settings(KEYS), None, None).table
    body = json.dumps({"features": {"any name": value}}).encode()
    assert asyncio.run(table["PUT /features/{id}"].respond({TARGET: b"/features/a"}, body)).status == 201
    assert json.loads(table["GET /features/{id}"].respond({TARGET: b"/features/a"}, b"").body)["features"] == {
        "any name": value
    }


@pytest.mark.parametrize("value", [[1], {"a": 1}, 10**400])
def test_without_a_model_nothing_but_scalars_is_stored(features, value):
    table = protocol(features, read_settings(KEYS), None, None).table
    body = json.dumps({"features": {"any name": value}}).encode()
    with pytest.raises(UnfitRecord):
        asyncio.run(table["PUT /features/{id}"].respond({TARGET: b"/features/a"}, body))


def test_without_a_model_null_in_a_patch_takes_a_feature_away(features):
    table = protocol(features, read_settings(KEYS), None, None).table
    headers = {TARGET: b"/features/a", b"if-match": b"*"}
    store(features, "a", b'{"x":1,"y":2}')
    reply = asyncio.run(table["PATCH /features/{id}"].respond(headers, b'{"features": {"x": null, "z": 3}}'))
    assert json.loads(reply.body)["features"] == {"y": 2, "z": 3}
