"""The pages and their files: the same for every model, open, and safe to show."""

import asyncio
import gzip

import pytest

from tests.support.cards import card
from tests.support.in_process import Recorder, answer_of, gateway_of

KEY = [(b"authorization", b"Bearer secret")]


def asked(path, headers=(), method="GET", **variables):
    """Return a reply's status, headers and body."""
    return asyncio.run(answer_of(gateway_of(Recorder(card()), **variables), method, path, headers))


@pytest.mark.parametrize("path", ["/ui", "/ui?x=1", "/ui/model"])
def test_the_pages_are_html_that_may_load_nothing_but_their_own_files(path):
    status, headers, body = asked(path)
    assert (status, headers[b"content-type"], body[:15]) == (200, b"text/html; charset=utf-8", b"<!doctype html>")
    assert headers[b"content-security-policy"].startswith(b"default-src 'none'; script-src 'self'; style-src 'self';")


@pytest.mark.parametrize(("path", "place"), [("/ui/", b"../ui"), ("/ui/model/", b"../model")])
def test_a_slash_behind_a_page_leads_to_it_whatever_the_prefix(path, place):
    """Relative names of files mean others there."""
    status, headers, _ = asked(path)
    assert (status, headers[b"location"]) == (308, place)


def test_what_a_browser_has_is_not_sent_again():
    tag = asked("/ui")[1][b"etag"]
    status, headers, body = asked("/ui", [(b"if-none-match", b'"other", W/' + tag)])
    assert (status, headers[b"etag"], body) == (304, tag, b"")
    assert asked("/ui", [(b"if-none-match", b'"other"')])[0] == 200


@pytest.mark.parametrize("accepted", [b"gzip, deflate, br", b"br;q=1.0, GZIP;q=0.1"])
def test_who_takes_gzip_gets_the_same_in_less(accepted):
    plain, (status, headers, body) = asked("/ui/page.css"), asked("/ui/page.css", [(b"accept-encoding", accepted)])
    assert (status, headers[b"content-encoding"], gzip.decompress(body)) == (200, b"gzip", plain[2])
    assert len(body) < len(plain[2]) / 2


@pytest.mark.parametrize("accepted", [b"", b"br", b"gzip;q=0", b"deflate, gzip; q=0.0"])
def test_who_does_not_gets_it_plain_and_caches_know_of_both(accepted):
    status, headers, _ = asked("/ui/page.css", [(b"accept-encoding", accepted)])
    assert (status, b"content-encoding" in headers, headers[b"vary"]) == (200, False, b"accept-encoding")


def test_the_packed_page_has_a_tag_of_its_own():
    packed = [(b"accept-encoding", b"gzip")]
    tag = asked("/ui", packed)[1][b"etag"]
    assert tag != asked("/ui")[1][b"etag"]
    known = (b"if-none-match", tag)
    assert (asked("/ui", [*packed, known])[0], asked("/ui", [known])[0]) == (304, 200)


def test_only_what_the_page_knows_of_the_model_needs_a_key():
    statuses = {path: asked(path, FOREST_API_KEYS="secret")[0] for path in ("/ui", "/ui/model", "/ui/card.json")}
    assert statuses == {"/ui": 200, "/ui/model": 200, "/ui/card.json": 401}
    assert asked("/ui/card.json", KEY, FOREST_API_KEYS="secret")[0] == 200


@pytest.mark.parametrize("path", ["/ui", "/ui/model", "/ui/card.json"])
def test_switched_off_it_is_nowhere_and_the_reason_is_told(path):
    status, _, body = asked(path, FOREST_UI="false")
    assert status == 404
    assert b"FOREST_UI is false" in body
