"""The documentation's page and document: whose model they speak of, and who may open them."""

import asyncio

import pytest

from tests.support.cards import YES_NO, card, feature
from tests.support.in_process import Recorder, answer_of, gateway_of

CHURN = Recorder(card("churn", (feature("age"), feature("income")), YES_NO))


def status(path, **variables):
    """Return the status of a path without a key, where keys are set."""
    return asyncio.run(answer_of(gateway_of(CHURN, FOREST_API_KEYS="secret", **variables), "GET", path))[0]


@pytest.mark.parametrize("path", ["/", "/docs.json"])
def test_the_documentation_is_open_where_keys_are_set_so_that_one_can_be_entered_there(path):
    assert status(path) == 200


@pytest.mark.parametrize("path", ["/", "/docs.json", "/static_content/swagger-ui.css"])
def test_it_can_be_closed(path):
    assert status(path, FOREST_DOCS_OPEN="false") == 401


def test_the_page_is_named_after_the_model():
    page = asyncio.run(answer_of(gateway_of(CHURN), "GET", "/"))[2]
    assert b"<title>churn API</title>" in page


def test_the_document_names_the_scheme_only_where_keys_are_set():
    def secured(**variables):
        return (
            b'"security":[{"key":[]}]' in asyncio.run(answer_of(gateway_of(CHURN, **variables), "GET", "/docs.json"))[2]
        )

    assert (secured(), secured(FOREST_API_KEYS="secret")) == (False, True)
