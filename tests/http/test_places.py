"""Places with ids: which path a request means where a segment may be anything."""

import asyncio
from urllib.parse import unquote_to_bytes

import pytest

from forest_serving.errors import UnknownIds
from forest_serving.http.gateway import Gateway
from forest_serving.http.places import Places
from forest_serving.http.request import read_request
from forest_serving.monitoring.monitor import Monitor
from forest_serving.protocols.endpoint import TARGET, Dialect, Dialects, Endpoint, Intake, Reply
from forest_serving.protocols.native import refuse
from forest_serving.settings import read_settings
from tests.support.cards import card
from tests.support.in_process import answer_of

PLACES = Places(["/predict", "/features", "/features/{id}", "/features/{id}/prediction", "/features:lookup"])


def place_of(target):
    path, _, _ = target.partition(b"?")
    return PLACES.of(read_request("GET", unquote_to_bytes(path).decode(errors="replace"), [], target))


@pytest.mark.parametrize(
    ("target", "place"),
    [
        (b"/predict", "/predict"),
        (b"/predict?missing=null", "/predict"),
        (b"/features", "/features"),
        (b"/features/a17", "/features/{id}"),
        (b"/features/a17?x=/y", "/features/{id}"),
        (b"/features/a%2Fb", "/features/{id}"),
        (b"/features/..", "/features/{id}"),
        (b"/features/%00", "/features/{id}"),
        (b"/features/%FF", "/features/{id}"),
        (b"/features/%7Bid%7D", "/features/{id}"),
        (b"/features/a17/prediction", "/features/{id}/prediction"),
        (b"/features/a%2Fprediction", "/features/{id}"),
        (b"/features/", None),
        (b"/features//prediction", None),
        (b"/features/a/b", None),
        (b"/features/a/prediction/", None),
        (b"/features:lookup", "/features:lookup"),
        (b"/" + b"/" * 2_000, None),
    ],
)
def test_an_id_is_one_segment_of_the_path_as_it_came(target, place):
    assert place_of(target) == place


def gateway(**variables):
    """Return a gateway where one place has an id, and can be written."""

    def respond(headers, body):
        if headers[TARGET].endswith(b"/unknown"):
            raise UnknownIds("There is none.")
        return Reply(b"", status=204)

    methods = {"GET": Endpoint(respond), "PUT": Endpoint(respond, intake=Intake(100), writes=True)}
    settings = read_settings(variables)
    dialects = Dialects({"": Dialect(refuse, "Nothing is here.")})
    monitor = Monitor(card(), settings, None)
    return Gateway(None, {"/features/{id}": methods}, dialects, "v1", monitor, settings)


def ask(method, target, key=None, **variables):
    """Return a reply's status and headers."""
    headers = [(b"authorization", b"Bearer " + key)] if key else []
    status, fields, _ = asyncio.run(answer_of(gateway(**variables), method, target, headers))
    return status, fields


def test_a_reply_without_content_says_no_length():
    """RFC 9110, section 8.6."""
    status, fields = ask("GET", "/features/a")
    assert (status, {b"content-length", b"content-type"} & set(fields)) == (204, set())


def test_who_may_write_may_also_read():
    assert ask("GET", "/features/a", b"w", FOREST_API_KEYS="r", FOREST_WRITE_KEYS="w")[0] == 204


def test_reading_needs_no_key_where_only_writing_does():
    assert ask("GET", "/features/a", FOREST_WRITE_KEYS="w")[0] == 204


@pytest.mark.parametrize(
    ("key", "keys", "status"),
    [
        (b"w", {"FOREST_WRITE_KEYS": "w"}, 204),
        (b"w", {"FOREST_WRITE_KEYS": "w", "FOREST_API_KEYS": "r"}, 204),
        (None, {"FOREST_WRITE_KEYS": "w"}, 401),
        (b"x", {"FOREST_WRITE_KEYS": "w"}, 401),
        (None, {"FOREST_WRITE_KEYS": "w", "FOREST_API_KEYS": "r"}, 401),
        (b"r", {"FOREST_WRITE_KEYS": "w", "FOREST_API_KEYS": "r"}, 403),
        (b"r", {"FOREST_API_KEYS": "r"}, 403),
        (None, {}, 403),
    ],
)
def test_writing_needs_a_key_of_its_own(key, keys, status):
    assert ask("PUT", "/features/a", key, **keys)[0] == status


def test_ids_make_no_series_of_metrics():
    place = gateway()
    for n in range(3):
        asyncio.run(answer_of(place, "GET", f"/features/{n}"))
    place.monitor.fold()
    assert list(place.monitor.counts.durations_s) == ["/features/{id}"]
