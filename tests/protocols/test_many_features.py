"""Pages of what is stored, and many changed or looked up at a time."""

import json

import pytest

from tests.support.cards import card
from tests.support.in_process import Recorder, gateway_of
from tests.support.resources import ANY, IRIS, OTHER, asked, ids_of, post, put, store
from tests.support.stores import KEYS


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "limit=1&limit=2", "after=%FF", "after=%z", "x=1"]
)
def test_a_query_that_means_nothing_is_refused(gateway, query):
    assert asked(gateway, "GET", f"/features?{query}").status == 400


def test_pages_go_through_all_ids(gateway):
    ids = sorted([f"id {number}/ü&+%" for number in range(25)], key=str.encode)
    assert post(gateway, *({"id": id, "features": IRIS} for id in ids)).status == 201
    found, path = [], "/features?limit=10"
    while path:
        page = asked(gateway, "GET", path)
        found += ids_of(page)
        link = page.headers.get(b"link", b"").decode()
        assert (page.body["next"] is None) == (not link)
        path = link.partition(">")[0][1:] if link else None
    assert found == ids


def test_the_last_page_says_so_when_it_is_full(gateway):
    post(gateway, *({"id": f"{number}", "features": IRIS} for number in range(4)))
    page = asked(gateway, "GET", "/features?limit=4")
    assert (len(page.body["features"]), page.body["next"]) == (4, None)


def test_a_page_of_long_records_ends_early(features):
    gateway = gateway_of(Recorder(card()), features, **KEYS)
    for number in range(40):
        store(features, f"{number:02}", json.dumps({"x": "y" * 60_000}).encode())
    page = asked(gateway, "GET", "/features?limit=40")
    assert 1 < len(page.body["features"]) < 40
    assert page.body["next"] == page.body["features"][-1]["id"]


def test_many_are_stored_together(gateway):
    first = post(gateway, {"id": "a", "features": IRIS}, {"id": "b", "features": IRIS})
    assert first.status == 201
    again = [{"id": each["id"], "features": OTHER, "etag": each["etag"]} for each in first.body["features"]]
    assert post(gateway, *again).status == 200
    assert asked(gateway, "GET", "/features/b").body["features"] == OTHER


def test_many_are_stored_all_or_none_and_those_in_the_way_are_named(gateway):
    post(gateway, *({"id": f"old{number}", "features": IRIS} for number in range(12)))
    refused = post(gateway, {"id": "new", "features": IRIS}, *({"id": f"old{n}", "features": IRIS} for n in range(12)))
    assert (refused.status, refused.body["detail"][0]["loc"]) == (409, ["features", 1, "id"])
    assert '"old0"' in refused.error
    assert '"old9" and 2 more' in refused.error
    assert asked(gateway, "GET", "/features/new").status == 404


def test_one_of_many_that_was_changed_meanwhile_is_named(gateway):
    etag = put(gateway, "a").etag.decode()
    put(gateway, "a", features=OTHER, **ANY)
    refused = post(gateway, {"id": "b", "features": IRIS}, {"id": "a", "features": IRIS, "etag": etag})
    assert (refused.status, refused.body["detail"][0]["loc"]) == (409, ["features", 1, "etag"])


@pytest.mark.parametrize(
    "records",
    [
        [],
        [1],
        [{"id": "a"}],
        [{"features": IRIS}],
        [{"id": 1, "features": IRIS}],
        [{"id": "", "features": IRIS}],
        [{"id": "ü" * 129, "features": IRIS}],
        [{"id": "a", "features": IRIS, "etag": 1}],
        [{"id": "a", "features": IRIS, "more": 1}],
    ],
    ids=str,
)
def test_what_is_no_list_of_records_is_refused(gateway, records):
    assert post(gateway, *records).status == 400


def test_an_id_that_comes_twice_is_named(gateway):
    refused = post(gateway, {"id": "a", "features": IRIS}, {"id": "a", "features": IRIS})
    assert (refused.status, refused.body["detail"][0]["loc"]) == (409, ["features", 1, "id"])


def test_as_many_may_come_as_rows(features):
    gateway = gateway_of(Recorder(card()), features, FOREST_MAX_ROWS="2", **KEYS)
    assert post(gateway, *({"id": f"{number}", "features": IRIS} for number in range(3))).status == 413


def test_many_are_looked_up_as_they_are_stored(gateway):
    put(gateway)
    found = asked(gateway, "POST", "/features:lookup", {"ids": ["x", "a17"]}).body["records"]
    assert (found[0], found[1] | IRIS) == (None, found[1])
    assert asked(gateway, "POST", "/features:lookup", {"ids": [1]}).status == 400
    assert asked(gateway, "POST", "/features:lookup", {}).status == 400
