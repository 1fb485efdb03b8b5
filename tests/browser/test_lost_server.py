"""A server that is gone, and one that comes back: the page says so, and keeps what was entered."""

import pytest
from playwright.sync_api import expect

from tests.support.browsing import answer_of, row_of
from tests.support.servers import copy_of_store, free_port, serving

UNREACHABLE = "net::ERR_"
GONE = "The server cannot be reached."


@pytest.fixture
def server(shown_home, tmp_path):
    """Return a function that starts the server of a test, always in the same place."""
    home, port = copy_of_store(shown_home, tmp_path), free_port()
    return lambda **variables: serving(home=home, port=port, **variables)


def test_a_server_that_is_killed_is_told_and_found_again(visit, server):
    with server() as url:
        page = visit(url)
        expect(answer_of(page)).to_have_text("setosa")
    page.faults.announce(UNREACHABLE)
    page.get_by_role("spinbutton", name="petal length in cm").fill("6.5")
    page.get_by_role("spinbutton", name="petal width in cm").fill("2.4")
    expect(page.locator("#notice", has_text=GONE)).to_be_visible()
    with server():
        expect(page.locator("#notice", has_text=GONE)).to_be_hidden()
        expect(answer_of(page)).to_have_text("virginica")
        assert row_of(page)[2:] == [6.5, 2.4]


def test_another_model_in_its_place_is_told(visit, server):
    with server() as url:
        page = visit(url)
        expect(answer_of(page)).to_have_text("setosa")
    page.faults.announce(UNREACHABLE, "400 (Bad Request)")
    page.get_by_role("spinbutton", name="petal width in cm").fill("2.4")
    expect(page.locator("#notice", has_text=GONE)).to_be_visible()
    with server(FOREST_MODEL="churn"):
        expect(page.get_by_text("The server now serves another version")).to_be_visible()
        expect(page.locator("#prediction .refused")).to_contain_text("another version of the model")
        page.get_by_role("button", name="Reload").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("churn")


def test_without_a_network_the_page_says_so_and_goes_on_afterwards(visit, urls):
    page = visit(urls["iris"])
    expect(answer_of(page)).to_have_text("setosa")
    page.faults.announce(UNREACHABLE)
    page.context.set_offline(True)
    page.get_by_role("slider", name="petal width").press("ArrowRight")
    expect(page.locator("#notice", has_text=GONE)).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#notice", has_text=GONE)).to_be_hidden()
    expect(page.locator("#prediction .refused")).to_be_hidden()
