"""What axe, the keyboard, a small screen and a dark room make of the page."""

from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import MODELS
from tests.support.browsing import DESKTOP, PHONE, answer_of, paste

SCREENS = {"desktop": DESKTOP, "phone": PHONE}
FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex='0']"
# Which control has the focus, whether it is outlined itself, and what it is.
FOCUSED = """selector => {
    const node = document.activeElement;
    const position = [...document.querySelectorAll(selector)].indexOf(node);
    return [position, getComputedStyle(node).outlineStyle !== "none", node.outerHTML.slice(0, 120)];
}"""


def faults_of(page):
    """Return what axe finds: rule, and the elements that break it."""
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]


@pytest.fixture
def opened(visit, urls):
    """Return a function that opens a model's page, and looks at each of its parts, some of which are only made then."""

    def open_page(model, **options):
        page = visit(urls[model], **options)
        expect(answer_of(page)).not_to_be_empty()
        page.wait_for_load_state("networkidle")
        for part in page.locator("main > section:not([hidden])").all():
            part.scroll_into_view_if_needed()
            page.wait_for_load_state("networkidle")
        return page

    return open_page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("model", MODELS)
def test_axe_finds_nothing(opened, model, screen, scheme):
    assert faults_of(opened(model, viewport=SCREENS[screen], color_scheme=scheme)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_dialog_that_refuses_something(opened, scheme):
    page = opened("iris", color_scheme=scheme)
    paste(page, "1,2,3")
    expect(page.get_by_role("alert")).not_to_be_empty()
    assert faults_of(page) == []


@pytest.mark.parametrize("model", MODELS)
def test_a_phone_scrolls_in_one_direction_only(opened, model):
    page = opened(model, viewport=PHONE, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("model", ["iris", "churn", "progression"])
def test_the_tab_key_reaches_every_control_and_shows_where_it_is(opened, model):
    page = opened(model)
    wanted = page.evaluate(
        """selector => [...document.querySelectorAll(selector)].flatMap((node, k) =>
            node.checkVisibility({checkVisibilityCSS: true}) && !node.disabled && node.tabIndex >= 0 ? [k] : [])""",
        FOCUSABLE,
    )
    reached, unseen = walked(page, len(wanted) + 2)
    assert set(wanted) <= reached
    assert unseen == []


def walked(page, n_steps):
    """Return which controls the tab key reaches, by position, and those that do not show it."""
    reached, unseen = set(), []
    for _ in range(n_steps):
        page.keyboard.press("Tab")
        position, is_outlined, html = page.evaluate(FOCUSED, FOCUSABLE)
        reached.add(position)
        if position >= 0 and not is_outlined and not looks_focused(page):
            unseen.append(html)
    return reached, unseen


def looks_focused(page):
    """Return whether the control that has the focus looks otherwise without: a slider's thumb may be outlined."""
    control = page.locator(":focus").element_handle()
    focused = control.screenshot()
    control.evaluate("node => node.blur()")
    blurred = control.screenshot()
    control.focus()
    return focused != blurred


def test_the_first_stop_skips_to_the_answer(opened):
    page = opened("iris")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the prediction")).to_be_focused()


def test_a_dialog_is_left_with_escape_and_the_focus_returns(opened):
    page = opened("iris")
    button = page.get_by_role("button", name="Paste a row")
    button.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_every_part_has_a_name_and_every_level_of_headings_is_there(opened):
    page = opened("iris")
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(each => Number(each.tagName[1]))")
    assert levels.count(1) == 1
    assert all(level <= before + 1 for before, level in pairwise(levels))


def test_an_answer_is_read_aloud_once_the_row_is_at_rest(opened):
    page = opened("iris")
    paste(page, "6.3,2.8,5.1,1.5")
    expect(page.locator("#prediction").get_by_role("status")).to_contain_text("virginica")


def test_whoever_wants_no_motion_sees_none(opened):
    page = opened("iris", reduced_motion="reduce")
    moving = page.evaluate(
        """[...document.querySelectorAll("*")].filter(node =>
            getComputedStyle(node).transitionDuration.split(", ").some(time => time !== "0s")).length"""
    )
    assert moving == 0
