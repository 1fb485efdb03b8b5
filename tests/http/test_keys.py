"""A key counts in one place and in one form; whatever comes near it is refused as if there were none."""

import asyncio

import pytest

from forest_serving.http.request import joined
from tests.support.cards import card
from tests.support.in_process import Recorder, answer_of, gateway_of

KEYS = {"FOREST_API_KEYS": "first-key,second-key"}
NEAR = [
    b"",
    b"Bearer",
    b"Bearer ",
    b"Bearer first-ke",
    b"Bearer first-keyy",
    b"Bearer First-Key",
    b"Bearer first-key,second-key",
    b"Bearer first-key, second-key",
    b"Bearer first-key second-key",
    b"Bearer first-key\x00",
    b"Bearer \xa0first-key",
    b"Bearer first\tkey",
    b'Bearer "first-key"',
    b"Bearer Bearer first-key",
    b"Bearer: first-key",
    b"Bearer=first-key",
    b"Bearer\tfirst-key",
    b"Bearerfirst-key",
    b"Basic first-key",
    b"Basic Zmlyc3Qta2V5Og==",
    b"Token first-key",
    b"Digest Bearer first-key",
    b"first-key",
    b",Bearer first-key",
    b"Bearer first-key,",
    b"Bearer %66irst-key",
]


def status(*headers, path="/model"):
    """Return the status of a request to a gateway with two keys."""
    gateway = gateway_of(Recorder(card()), **KEYS)
    return asyncio.run(answer_of(gateway, "GET", path, headers))[0]


@pytest.mark.parametrize(
    "value", [b"Bearer first-key", b"bearer second-key", b"BEARER  second-key", b"Bearer first-key "]
)
def test_a_key_is_taken_however_the_scheme_is_spelt(value):
    """RFC 9110, section 11.1: schemes know no case; a field's value ends before the spaces after it."""
    assert status((b"authorization", value)) == 200


@pytest.mark.parametrize("value", NEAR)
def test_what_only_comes_near_a_key_is_refused(value):
    assert status((b"authorization", value)) == 401


@pytest.mark.parametrize(
    "headers",
    [
        [b"Bearer wrong", b"Bearer first-key"],
        [b"Bearer first-key", b"Bearer wrong"],
        [b"Bearer first-key", b"Bearer second-key"],
        [b"", b"Bearer first-key"],
        [b"Basic x", b"Bearer first-key", b"Basic x"],
        [b"Bearer first-key", b"Bearer wrong", b"Bearer first-key"],
    ],
)
def test_different_authorizations_in_one_request_are_none(headers):
    """What stands in front of the server may have looked at another of them."""
    assert status(*((b"authorization", value) for value in headers)) == 401


@pytest.mark.parametrize(
    "name", [b"cookie", b"x-api-key", b"proxy-authorization", b"x-authorization", b"authorization ", b"x-forwarded-for"]
)
def test_a_key_in_another_header_is_none(name):
    assert status((name, b"Bearer first-key"), (name, b"authorization=Bearer first-key")) == 401


@pytest.mark.parametrize("query", ["key=first-key", "authorization=Bearer%20first-key", "access_token=first-key"])
def test_a_key_in_the_url_is_none(query):
    assert status(path=f"/model?{query}") == 401


def test_headers_are_joined_in_a_time_that_grows_with_their_bytes_only():
    """300,000 lines of one name, joined one after the other, once took 14.6 s."""
    fields = [(b"a", b"%d" % n) for n in range(300_000)]
    assert len(joined(fields)[b"a"]) == sum(len(value) + 1 for _, value in fields) - 1
