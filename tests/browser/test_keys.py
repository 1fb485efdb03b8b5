"""Behind keys the page asks for one, and keeps it nowhere but in its memory."""

import pytest
import requests
from playwright.sync_api import expect

from tests.support.browsing import answer_of, section
from tests.support.servers import copy_of_store, serving

KEY = "a-key-of-sixteen-letters"
UNAUTHORISED = "401 (Unauthorized)"


@pytest.fixture(scope="module")
def guarded(shown_home, tmp_path_factory):
    """Return the URL of a server with a key."""
    with serving(home=copy_of_store(shown_home, tmp_path_factory.mktemp("guarded")), FOREST_API_KEYS=KEY) as url:
        yield url


@pytest.fixture
def asked(visit, guarded):
    """Return its page, which asks for a key."""
    page = visit(guarded)
    page.faults.announce(UNAUTHORISED)
    expect(page.get_by_role("dialog", name="This server wants a key")).to_be_visible()
    return page


def enter(page, key):
    """Give a key."""
    page.get_by_label("Key", exact=True).fill(key)
    page.get_by_role("button", name="Use this key").click()


def test_with_the_key_the_page_opens(asked):
    enter(asked, KEY)
    expect(answer_of(asked)).to_have_text("setosa")


def test_a_wrong_key_is_refused_and_asked_for_again(asked):
    enter(asked, "wrong")
    expect(asked.get_by_role("alert")).to_have_text("That key was not accepted.")
    enter(asked, KEY)
    expect(answer_of(asked)).to_have_text("setosa")


def test_the_key_is_kept_in_memory_only(asked):
    enter(asked, KEY)
    expect(answer_of(asked)).to_have_text("setosa")
    everywhere = asked.evaluate(
        "JSON.stringify([localStorage, sessionStorage, document.cookie, location.href, history.state])"
    )
    assert KEY not in everywhere + asked.content() + str(asked.context.storage_state(indexed_db=True))


def test_a_reload_asks_again(asked):
    enter(asked, KEY)
    expect(answer_of(asked)).to_have_text("setosa")
    asked.reload()
    expect(asked.get_by_role("dialog", name="This server wants a key")).to_be_visible()


def test_without_a_key_the_page_says_why_it_is_empty(asked):
    asked.get_by_role("button", name="Cancel").click()
    expect(asked.get_by_role("status").filter(has_text="key")).to_be_visible()
    asked.get_by_role("button", name="Try again").click()
    expect(asked.get_by_role("dialog", name="This server wants a key")).to_be_visible()


def test_what_polls_rests_without_a_key_and_goes_on_with_one(asked):
    """One dialog is enough for all that is refused, and nobody is asked every two seconds."""
    enter(asked, KEY)
    expect(answer_of(asked)).to_have_text("setosa")
    dialog, live = asked.get_by_role("dialog", name="This server wants a key"), section(asked, "Live")
    refuse = {"status": 401, "json": {"error": "no"}}
    asked.route("**/metrics", lambda route: route.fulfill(**refuse))
    live.scroll_into_view_if_needed()
    dialog.get_by_role("button", name="Cancel").click()
    expect(live).to_contain_text("only with a key")
    asked.unroute("**/metrics")
    asked.route("**/predict_proba", lambda route: route.fulfill(**refuse), times=1)
    asked.get_by_role("slider", name="petal width").press("ArrowRight")
    enter(asked, KEY)
    live.scroll_into_view_if_needed()
    expect(live.get_by_role("heading", name="Requests per second")).to_be_visible()
    expect(dialog).to_be_hidden()


def test_nothing_of_the_model_is_told_without_a_key(guarded):
    assert requests.get(f"{guarded}/ui/card.json", timeout=10).status_code == 401
    assert "iris" not in requests.get(f"{guarded}/ui", timeout=10).text
