"""Names and numbers that a page may stumble over: markup, nothing, letters from right to left, the largest doubles."""

import json

import pytest
from playwright.sync_api import expect

from tests.support.browsing import PHONE, bars_of, paste, section
from tests.support.shown import MARKUP

OUTLINE = """async (deciles) => {
  const { outline, scaleOf } = await import("/ui/spread.js");
  return outline(deciles, [], scaleOf(deciles));
}"""
SLIDER = """async (deciles) => {
  const { scaleOf } = await import("/ui/spread.js");
  const { min, max, step } = scaleOf(deciles);
  return [min, max, step].every(Number.isFinite) && min < max && step > 0;
}"""
LARGEST = 1.7976931348623157e308
RANGES = {
    "all doubles": [-LARGEST] * 5 + [0.0] + [LARGEST] * 5,
    "the smallest": [k * 1e-300 for k in range(11)],
    "whole numbers beyond 2**53": [2.0**53 + k * 2.0**57 for k in range(11)],
    "many powers of ten": [10.0 ** (60 * k - 300) for k in range(11)],
    "two values": [0.0] * 10 + [1.0],
}


@pytest.fixture
def odd(visit, urls):
    """Return the page of the model with odd names, once all of it is there."""
    page = visit(urls["odd"])
    expect(section(page, "Model card")).to_be_visible()
    for part in page.locator("main > section:not([hidden])").all():
        part.scroll_into_view_if_needed()
        page.wait_for_load_state("networkidle")
    expect(section(page, "Model card").get_by_role("heading", name="Confusion")).to_be_visible()
    return page


def test_markup_in_names_is_text(odd):
    """Wherever the names of columns, categories and classes stand; a fault of a script fails the test, too."""
    paste(odd, json.dumps({**dict.fromkeys(["constructor", "prediction", "a" * 200], 0), "job": MARKUP}))
    expect(section(odd, "Why this answer")).to_contain_text(f"job {MARKUP}")
    assert odd.locator("img").count() == 0


def test_an_empty_name_is_said(odd):
    assert "(empty)" in bars_of(section(odd, "Prediction"))
    expect(odd.get_by_label("job", exact=True)).to_contain_text("(empty)")


def test_letters_from_right_to_left_do_not_turn_what_follows(odd):
    expect(section(odd, "Decision regions").get_by_role("list")).to_contain_text("\u2068\u05e9\u05dc\u202eabc\u2069")


def test_another_category_can_be_typed_where_one_is_called_other(odd):
    odd.get_by_label("job", exact=True).select_option("other …")
    field = odd.get_by_label("job: another category")
    expect(field).to_have_value("other 2")
    field.fill("pilot")
    expect(odd.locator(".curl code")).to_contain_text('"pilot"')


def test_a_text_that_says_nan_is_no_gap(odd):
    paste(odd, '[1, 2, 3, "NaN"]')
    expect(odd.locator(".curl code")).to_contain_text('[1, 2, 3, "NaN"]')


def test_a_feature_may_be_called_prediction(odd):
    """As the line of the answers is in the report of drift."""
    found = odd.locator("#live .drifts .bar-label")
    expect(found).to_have_text(["constructor", "prediction", "a" * 200, "job", "Prediction"])


def test_long_names_do_not_widen_the_page(visit, urls):
    page = visit(urls["odd"], viewport=PHONE)
    expect(section(page, "Why this answer").get_by_role("list").last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("deciles", RANGES.values(), ids=RANGES)
def test_the_picture_of_any_range_is_drawn(odd_page, deciles):
    assert "NaN" not in odd_page.evaluate(OUTLINE, deciles)
    assert odd_page.evaluate(SLIDER, deciles)


@pytest.fixture
def odd_page(visit, urls):
    """Return any page of the server, to run its modules in."""
    return visit(urls["odd"], path="/ui/model")
