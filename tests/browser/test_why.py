"""Why the answer: what each feature contributes, and what would change it."""

import re

import pytest
import requests
from playwright.sync_api import expect

from tests.support.browsing import answer_of, bars_of, paste, section

NARROW = "6.3,2.8,5.1,1.5"  # a flower between two classes
FEW = 12  # bars at first


@pytest.fixture
def why(visit, urls):
    """Return a function that opens a model's page, with a row, and returns the part that explains the answer."""

    def opened(model, row=None):
        page = visit(urls[model])
        if row:
            paste(page, row)
        found = section(page, "Why this answer")
        expect(found.locator(".bar-text").first).not_to_be_empty()
        return found

    return opened


def numbers_of(text):
    """Return the numbers in a text."""
    return [float(number) for number in re.findall(r"[-+]?\d+\.?\d*", text.replace("\u2212", "-"))]


@pytest.mark.parametrize("model", ["iris", "churn", "progression"])
def test_base_and_contributions_add_up_to_the_answer(why, model):
    part = why(model)
    base, added, total = numbers_of(part.locator(".sum").inner_text().replace("\u2212 contributions ", "-"))[:3]
    bars = [number for text in bars_of(part).values() for number in numbers_of(text)]
    assert (base + added, sum(bars)) == pytest.approx((total, added), rel=0.02, abs=0.01)


def test_contributions_are_those_of_the_server(why, urls):
    part = why("iris", NARROW)
    asked = {"instances": [[float(number) for number in NARROW.split(",")]]}
    reply = requests.post(f"{urls['iris']}/explain", json=asked, timeout=10).json()
    (position,), (explanation,) = reply["predictions"], reply["explanations"]
    told = {name.replace("_", " "): parts[position] for name, parts in explanation["contributions"].items()}
    expect(part.locator(".bar-label").filter(has_text="petal length 5.1")).to_be_visible()
    shown = {label.rsplit(" ", 1)[0]: numbers_of(text)[0] for label, text in bars_of(part).items()}
    assert shown == pytest.approx(told, abs=0.001)


def test_another_class_can_be_asked_about(why):
    part = why("iris")
    part.get_by_label("What speaks for").select_option("virginica")
    expect(part.locator(".sum")).to_contain_text("the probability of virginica")


def test_a_change_that_is_pressed_is_made(why):
    part = why("iris", NARROW)
    change = part.get_by_role("button", name=re.compile("petal width below .* gives setosa"))
    change.click()
    expect(answer_of(part.page)).to_have_text("setosa")
    expect(part.get_by_role("heading", name="What would change it")).to_be_focused()


def test_a_regressor_has_no_change_to_press(why):
    expect(why("progression").get_by_role("heading", name="What would change it")).to_have_count(0)


def test_the_largest_contributions_are_shown_first_and_all_on_demand(why):
    part = why("wide")
    expect(part.locator(".bars li")).to_have_count(FEW)
    part.get_by_role("button", name="Show all 60").click()
    expect(part.locator(".bars li")).to_have_count(60)


def test_a_category_that_would_change_the_answer_is_named(why):
    churn = why("churn", '[40, "month", 80, true, 3]')
    expect(answer_of(churn.page)).to_have_text("yes")
    churn.get_by_role("button", name="contract = two years").click()
    expect(answer_of(churn.page)).to_have_text("no")
