"""The documentation's page and document: whose model they speak of, and who may open them."""

import asyncio

import pytest

from tests.support.cards import YES_NO, card, feature
from tests.support.in_process import Recorder, answer_of, gateway_of

CHURN = Recorder(card("churn", (feature("age"), feature("income")), YES_NO))


BROWSER = b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
ALIVE = 200, b"application/json", b'{"status":"alive"}'


def ask(path, accept=BROWSER, **variables):
    """Return status, media type and body of a path."""
    answer = answer_of(gateway_of(CHURN, **variables), "GET", path, [(b"accept", accept)])
    status, headers, body = asyncio.run(answer)
    return status, headers[b"content-type"], body


def guarded(path, **variables):
    """Return what a path answers without a key, where keys are set."""
    return ask(path, FOREST_API_KEYS="secret", **variables)


@pytest.mark.parametrize("path", ["/", "/docs.json"])
def test_the_documentation_is_open_where_keys_are_set_so_that_one_can_be_entered_there(path):
    assert guarded(path)[0] == 200


@pytest.mark.parametrize("path", ["/docs.json", "/static_content/swagger-ui.css"])
def test_it_can_be_closed(path):
    assert guarded(path, FOREST_DOCS_OPEN="false")[0] == 401


def test_where_it_is_closed_the_page_says_that_and_nothing_of_the_model():
    page = guarded("/", FOREST_DOCS_OPEN="false")[2]
    assert b"it needs an API key" in page
    assert b"churn" not in page


def test_the_page_is_named_after_the_model():
    assert b"<title>churn API</title>" in ask("/")[2]


@pytest.mark.parametrize("accept", [b"text/html", b"text/*", BROWSER, b"application/json;q=0.1, text/html"])
def test_whoever_wants_html_gets_the_page(accept):
    assert ask("/", accept)[:2] == (200, b"text/html; charset=utf-8")


@pytest.mark.parametrize(
    "accept", [b"*/*", b"", b"application/json", b"application/json, text/html", b"text/html;q=0, */*"]
)
@pytest.mark.parametrize("variables", [{}, {"FOREST_DOCS_OPEN": "false"}])
def test_whoever_does_not_is_told_that_the_server_is_alive(accept, variables):
    """So KServe asks for liveness, without a key; its clients and most others send */* or application/json."""
    assert ask("/", accept, FOREST_API_KEYS="secret", **variables) == ALIVE


def test_whoever_wants_neither_is_told_what_there_is():
    status, _, body = ask("/", b"image/png")
    assert (status, b"application/json, text/html" in body) == (406, True)


def test_the_document_names_the_scheme_only_where_keys_are_set():
    def secured(**variables):
        return (
            b'"security":[{"key":[]}]' in asyncio.run(answer_of(gateway_of(CHURN, **variables), "GET", "/docs.json"))[2]
        )

    assert (secured(), secured(FOREST_API_KEYS="secret")) == (False, True)
