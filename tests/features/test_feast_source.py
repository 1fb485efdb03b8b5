"""Feast's protocol: what is asked of its server, and what its statuses mean. tests/clients/ asks a real one."""

import asyncio

import msgspec
import pytest

from forest_serving.errors import BadSetting
from forest_serving.features.feast_source import FeastSource
from forest_serving.features.source import SourceFailed
from tests.support.sources import closing, within
from tests.support.stub_services import answering, reply

NAMES = ["flower", "width", "colour"]
SERVICE = "?entity=flower&feature_service=iris"


def columns(*statuses, values=None):
    """Return a reply with a column for the entity, and two that have these statuses for each id."""
    values = values or [1.5, "blue"]
    held = [[value if each in ("PRESENT", "OUTSIDE_MAX_AGE") else None for each in statuses] for value in values]
    ids = {"values": [str(number) for number in range(len(statuses))], "statuses": ["PRESENT"] * len(statuses)}
    results = [ids, *({"values": each, "statuses": list(statuses)} for each in held)]
    return reply({"metadata": {"feature_names": NAMES}, "results": results})


def asked(ids, answer, query=SERVICE, key=""):
    """Return what a stub was asked, and what a source got, or its error."""

    async def run():
        async with answering(lambda body: answer) as stub:
            source = FeastSource(f"{stub.url}/get-online-features{query}", key)
            async with closing(source):
                found = await within(10, source.fetch(ids))
        if isinstance(found, list):
            found = [record and msgspec.json.decode(record) for record in found]
        return stub, found

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (SERVICE, {"feature_service": "iris", "full_feature_names": False}),
        ("?entity=flower&features=a:x,b:y", {"features": ["a:x", "b:y"], "full_feature_names": False}),
        (SERVICE + "&full_feature_names=true", {"feature_service": "iris", "full_feature_names": True}),
    ],
)
def test_what_the_url_names_is_asked_for(query, body):
    stub, _ = asked(["a", "b"], columns("PRESENT", "PRESENT"), query)
    assert stub.bodies == [body | {"entities": {"flower": ["a", "b"]}}]


def test_it_is_asked_where_the_url_says():
    stub, _ = asked(["a"], columns("PRESENT"), key="token")
    assert stub.heads[0].startswith("POST /get-online-features HTTP/1.1")
    assert "authorization: bearer token" in stub.heads[0].lower()


@pytest.mark.parametrize(
    ("status", "record"),
    [
        ("PRESENT", {"width": 1.5, "colour": "blue"}),
        ("NULL_VALUE", {"width": None, "colour": None}),
        ("OUTSIDE_MAX_AGE", {"width": None, "colour": None}),
        ("NOT_FOUND", None),
    ],
)
def test_a_status_says_what_is_stored(status, record):
    _, found = asked(["a", "b"], columns("PRESENT", status))
    assert found == [{"width": 1.5, "colour": "blue"}, record]


def test_an_id_that_one_view_has_is_known_and_lacks_the_rest():
    results = [{"values": ["a"], "statuses": ["PRESENT"]}] * 2 + [{"values": [None], "statuses": ["NOT_FOUND"]}]
    _, found = asked(["a"], reply({"metadata": {"feature_names": NAMES}, "results": results}))
    assert found == [{"width": "a", "colour": None}]


def test_full_names_stay_as_they_are():
    results = [{"values": [1], "statuses": ["PRESENT"]}] * 2
    _, found = asked(["a"], reply({"metadata": {"feature_names": ["flower", "sepals__width"]}, "results": results}))
    assert found == [{"sepals__width": 1}]


def test_numbers_are_sent_as_numbers_and_what_is_none_is_not_sent():
    ids = ["7", "x", "-7", "07", "1.0", "9223372036854775808", "9" * 300, "٣"]
    stub, found = asked(ids, columns("PRESENT", "NOT_FOUND"), SERVICE + "&entity_type=int")
    assert stub.bodies[0]["entities"] == {"flower": [7, -7]}
    assert found == [{"width": 1.5, "colour": "blue"}] + [None] * 7


def test_nothing_is_asked_where_no_id_is_a_number():
    stub, found = asked(["x"], columns(), SERVICE + "&entity_type=int")
    assert (stub.bodies, found) == ([], [None])


def test_a_feature_service_without_features_knows_nobody():
    results = [{"values": ["a"], "statuses": ["PRESENT"]}]
    _, found = asked(["a"], reply({"metadata": {"feature_names": ["flower"]}, "results": results}))
    assert found == [None]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply({"detail": "no such feature service"}, "404 Not Found"), "answered 404.*no such feature service"),
        (reply({}), "answered something else than Feast does"),
        (reply(b"\xff"), "answered something else than Feast does"),
        (columns("PRESENT", "PRESENT"), "answered columns of other lengths than the 1 ids"),
        (columns(), "answered columns of other lengths"),
        (reply({"metadata": {"feature_names": ["a"]}, "results": []}), "answered columns of other lengths"),
        (
            reply({"metadata": {"feature_names": ["a"]}, "results": [{"values": [1], "statuses": []}]}),
            "answered columns of other lengths",
        ),
        (
            reply({"metadata": {"feature_names": ["b"]}, "results": [{"values": [1], "statuses": ["PRESENT"]}]}),
            'answered no column "flower" but b; set entity',
        ),
    ],
    ids=["404", "empty", "bytes", "too long", "too short", "no columns", "no statuses", "no entity"],
)
def test_a_reply_that_is_not_as_agreed_is_a_failure_that_says_so(answer, words):
    _, failed = asked(["a"], answer)
    with pytest.raises(SourceFailed, match=f"(?s)/get-online-features {words}"):
        raise failed


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "must name the entity's column and the features"),
        ("?feature_service=iris", "must name the entity's column"),
        ("?entity=flower", "and the features, as"),
        (SERVICE + "&features=a:b", "and the features, as"),
        (SERVICE + "&entity_type=float", "neither str nor int"),
        (SERVICE + "&full_feature_names=yes", "neither true nor false"),
        ("?entitty=flower&feature_service=iris", 'the parameter "entitty"; only entity, feature_service'),
    ],
)
def test_a_url_that_does_not_say_what_to_ask_is_refused_at_the_start(query, words):
    with pytest.raises(BadSetting, match=words):
        FeastSource(f"http://feast:6566/get-online-features{query}")
