"""Another service as a source: what is asked of it, and what is said where it answers otherwise than agreed."""

import asyncio
import contextlib

import pytest

from forest_serving.errors import BadSetting
from forest_serving.features.http_service import CONNECTIONS, MOST_REPLY_BYTES
from forest_serving.features.http_source import MOST_QUESTION_BYTES, HttpSource
from forest_serving.features.source import SourceFailed
from tests.support.sources import closing, until_it_answers, within
from tests.support.stub_services import answering, reply

STORED = {"a": {"width": 1.0}, "b": {"width": 0.1, "_updated_at": "2026-11-29T16:31:12Z"}}


def lookup(body):
    """Answer as a features service does."""
    return reply({"records": [STORED.get(id) for id in body["ids"]]})


def asked(ids, answer=lookup, key="", times=1, **how):
    """Return what a stub was asked, and the last of what a source got, or its error."""

    async def run():
        async with answering(answer, **how) as stub, closing(HttpSource(stub.url, key)) as source:
            for _ in range(times):
                found = await within(10, source.fetch(ids))
            return stub, found

    return asyncio.run(run())


def test_ids_are_asked_for_in_one_request_and_records_come_as_they_were_sent():
    stub, found = asked(["b", "nobody", "a"])
    assert stub.bodies == [{"ids": ["b", "nobody", "a"]}]
    assert found == [b'{"width": 0.1, "_updated_at": "2026-11-29T16:31:12Z"}', None, b'{"width": 1.0}']


def test_it_is_asked_as_a_json_service_is():
    stub, _ = asked(["a"])
    head = stub.heads[0].lower()
    assert head.startswith("post /features:lookup http/1.1")
    assert "content-type: application/json" in head
    assert "accept-encoding: identity" in head
    assert "authorization" not in head


def test_a_key_is_shown():
    stub, _ = asked(["a"], key="open sesame")
    assert "authorization: bearer open sesame" in stub.heads[0].lower()


def test_one_connection_is_kept():
    stub, _ = asked(["a"], times=20)
    assert (stub.n_connections, len(stub.heads)) == (1, 20)


def test_a_unix_socket_will_do(tmp_path):
    stub, found = asked(["a"], socket=tmp_path / "features.sock")
    assert found == [b'{"width": 1.0}']
    assert stub.heads[0].startswith("POST /features:lookup ")


def test_a_path_is_kept_in_front():
    async def run():
        async with answering(lookup) as stub, closing(HttpSource(f"{stub.url}/iris/")) as source:
            await source.fetch(["a"])
            return stub.heads[0]

    assert asyncio.run(run()).startswith("POST /iris/features:lookup ")


@pytest.mark.parametrize("id", ["../", "\0", "é" * 128, '"', "a/b?c#d", "\u2028", "\x7f"])
def test_a_hostile_id_arrives_as_it_is(id):
    stub, found = asked([id])
    assert (stub.bodies, found) == ([{"ids": [id]}], [None])


def test_ten_thousand_long_ids_are_asked_for_in_bodies_that_the_service_reads():
    """A control character takes six bytes of JSON."""
    ids = [*(f"{number:05}" + "\1" * 251 for number in range(9_999)), "a"]
    stub, found = asked(ids)
    assert found == [None] * 9_999 + [b'{"width": 1.0}']
    assert max(int(head.lower().partition("content-length: ")[2].split()[0]) for head in stub.heads) <= (
        MOST_QUESTION_BYTES
    )


def test_what_is_no_record_is_found_and_the_others_are_what_they_are():
    def refusing(body):
        return reply({"error": "It is no JSON object."}, "422 Unprocessable") if "bad" in body["ids"] else lookup(body)

    stub, found = asked(["a", "b", "bad", "nobody"], refusing)
    assert found == [b'{"width": 1.0}', b'{"width": 0.1, "_updated_at": "2026-11-29T16:31:12Z"}', b"", None]
    assert len(stub.bodies) == 5


def test_a_service_that_wants_fewer_ids_at_a_time_gets_fewer():
    def answer(body):
        return lookup(body) if len(body["ids"]) <= 3 else reply({"detail": "too many"}, "413 Content Too Large")

    _, found = asked(["a", *"cdefghi", "b"], answer)
    assert found == [b'{"width": 1.0}', *[None] * 7, b'{"width": 0.1, "_updated_at": "2026-11-29T16:31:12Z"}']


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply({"detail": "No key."}, "401 Unauthorized"), "answered 401.*No key.*set FOREST_FEATURES_KEY"),
        (reply({}, "403 Forbidden"), "answered 403.*FOREST_FEATURES_KEY to a key that may read"),
        (reply({}, "404 Not Found"), "answered 404.*is FOREST_FEATURES the URL of a service"),
        (reply({}, "413 Too Large"), "answered 413.*raise FOREST_MAX_BODY_BYTES"),
        (reply({"detail": "down"}, "503 Service Unavailable", "retry-after: 1"), "answered 503.*down"),
        (reply(b"x" * 100_000, "500 Oops"), r"answered 500 \(x{200}\)\.$"),
        (reply(b"", "799 Odd"), "answered 799"),
        (reply(b"", "302 Found", "location: http://127.0.0.1:9/"), "redirects to http://127.0.0.1:9/, which is not"),
        (reply(b"<html>"), "answered something else than"),
        (reply(b"[]"), "answered something else than"),
        (reply({"records": None}), "answered something else than"),
        (reply(b'{"records": [{"a": }]}'), "answered something else than"),
        (reply({"records": [{}, {}]}), "answered 2 records for 1 ids"),
        (reply({"records": []}), "answered 0 records for 1 ids"),
        (b"+OK\r\n\r\n", "does not answer as HTTP has it"),
    ],
    ids=lambda value: None if isinstance(value, str) else value[:60].decode().replace("\r\n", " "),
)
def test_a_reply_that_is_not_as_agreed_is_a_failure_that_says_so(answer, words):
    _, failed = asked(["a"], lambda body: answer)
    with pytest.raises(SourceFailed, match=f"(?s)^http://127.0.0.1:[0-9]+ {words}"):
        raise failed


def test_a_reply_that_is_too_long_is_not_read_to_its_end():
    endless = (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + (b"100000\r\n" + b" " * 0x100000 + b"\r\n") * 40
    )
    _, failed = asked(["a"], lambda body: endless)
    with pytest.raises(SourceFailed, match=f"sent more than {MOST_REPLY_BYTES:,} bytes"):
        raise failed


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\n", reply({"records": [None]})[:-3], reply(b"", "200 OK")[:-2]],
    ids=["nothing", "half a head", "half a body", "no end of the head"],
)
def test_a_connection_that_is_cut_is_an_error_after_which_one_may_ask_again(answer):
    _, failed = asked(["a"], lambda body: answer, cuts=True)
    assert isinstance(failed, OSError)


def test_a_service_that_hangs_is_left_at_once_and_asked_again_when_it_goes_on():
    async def run():
        hangs = []
        hanging = answering(lambda body: None if hangs else lookup(body))
        async with hanging as stub, closing(HttpSource(stub.url)) as source:
            await source.fetch(["a"])
            hangs.append(True)
            hung = [await within(0.03, source.fetch(["a"])) for _ in range(2 * CONNECTIONS)]
            hangs.clear()
            return hung, await until_it_answers(source, ["a"]), stub.n_open

    hung, found, n_open = asyncio.run(run())
    assert (set(hung), found, n_open) == ({None}, [b'{"width": 1.0}'], 1)


def test_there_are_never_more_connections_than_allowed():
    async def run():
        async with answering(lookup) as stub, closing(HttpSource(stub.url)) as source:
            await asyncio.gather(*(source.fetch(["a"]) for _ in range(100)))
            return stub.n_connections

    assert asyncio.run(run()) <= CONNECTIONS


def test_cancelled_fetches_leave_no_connection_behind():
    async def run():
        async with answering(lambda body: None) as stub:
            async with closing(HttpSource(stub.url)) as source:
                await asyncio.gather(*(within(0.02, source.fetch(["a"])) for _ in range(100)))
            await asyncio.sleep(0.05)
            return stub.n_open

    assert asyncio.run(run()) == 0


def test_nobody_there_is_an_error_after_which_one_may_ask_again():
    async def run():
        async with answering(lookup) as stub:
            url = stub.url
        async with closing(HttpSource(url)) as source:
            with contextlib.suppress(asyncio.CancelledError):
                return await within(5, source.fetch(["a"]))

    assert isinstance(asyncio.run(run()), OSError)


@pytest.mark.parametrize(
    ("url", "key", "words"),
    [
        ("http://", "", "must be the URL of a service"),
        ("http://:3000", "", "must be the URL of a service"),
        ("http://host:port", "", "must be the URL of a service"),
        ("http://[::1", "", "must be the URL of a service"),
        ("http+unix://", "", "must be the URL of a service"),
        ("http://host/?table=a", "", 'has the parameter "table"; the URL of a service takes none'),
        ("http://me:hunter2@host", "key", "keep one of both"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_at_the_start(url, key, words):
    with pytest.raises(BadSetting, match=words):
        HttpSource(url, key)


def test_a_password_in_the_url_is_sent_and_not_told():
    async def run():
        async with answering(lambda body: reply({}, "401 Unauthorized")) as stub:
            source = HttpSource(stub.url.replace("://", "://me:hunter2@"))
            async with closing(source):
                return await within(5, source.fetch(["a"])), stub.heads[0]

    failed, head = asyncio.run(run())
    assert "authorization: basic bwu6ahvudgvymg==" in head.lower()
    assert "hunter2" not in str(failed)
