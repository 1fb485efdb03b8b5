"""The row that the page is about: sliders, boxes, lists, gaps, and rows that are pasted."""

import json

import pytest
from playwright.sync_api import expect

from tests.support.browsing import answer_of, paste, row_of, section

FLOWER = [6.3, 2.8, 5.1, 1.5]
SURE = "100\u00a0%"  # that the example is a setosa


def share_of_the_first(page):
    """Return the probability of the first class, as it stands beside its bar."""
    return page.locator("#prediction .bar-text").first


def drag(page, slider, share):
    """Take a slider's thumb with the mouse, and hold it at this share of the track."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    low, high, now = (float(slider.evaluate(f"slider => slider.{each}")) for each in ("min", "max", "value"))
    page.mouse.move(box["x"] + 8 + (box["width"] - 16) * (now - low) / (high - low), box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2, steps=20)


@pytest.fixture
def iris(visit, urls):
    """Return the page of Iris, once it has answered."""
    page = visit(urls["iris"])
    expect(share_of_the_first(page)).to_have_text(SURE)
    return page


@pytest.fixture
def churn(visit, urls):
    """Return the page of customers, once it has answered."""
    page = visit(urls["churn"])
    expect(answer_of(page)).not_to_be_empty()
    return page


def test_the_answer_follows_a_slider_that_is_dragged(iris):
    """While the mouse is down, not only at the end."""
    drag(iris, iris.get_by_role("slider", name="petal length"), 0.9)
    expect(share_of_the_first(iris)).not_to_have_text(SURE)
    iris.mouse.up()


def test_arrow_keys_move_a_slider(iris):
    slider = iris.get_by_role("slider", name="petal width")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    expect(iris.get_by_role("spinbutton", name="petal width in cm")).to_have_value("0.23")
    slider.press("End")
    expect(share_of_the_first(iris)).not_to_have_text(SURE)


def test_a_slider_tells_its_value_with_the_unit(iris):
    expect(iris.get_by_role("slider", name="sepal width")).to_have_attribute("aria-valuetext", "3.5\u00a0cm")


def test_a_box_takes_any_number(iris):
    """Also one outside the training data, of which it says so."""
    iris.get_by_role("spinbutton", name="petal length in cm").fill("1000")
    expect(share_of_the_first(iris)).not_to_have_text(SURE)
    expect(iris.get_by_text("outside the training data")).to_be_visible()


def test_a_box_that_is_emptied_leaves_the_row_as_it_was(iris):
    before = row_of(iris)
    iris.get_by_role("spinbutton", name="petal length in cm").fill("")
    iris.get_by_role("spinbutton", name="petal width in cm").fill("0.3")
    expect(iris.locator(".curl code")).to_contain_text("0.3")
    assert row_of(iris) == [*before[:3], 0.3]


def test_a_box_that_is_emptied_is_a_gap_where_the_model_takes_one(churn):
    churn.get_by_role("spinbutton", name="age").fill("")
    expect(churn.get_by_label("age is missing")).to_be_checked()
    expect(churn.locator(".curl code")).to_contain_text("[[null, ")


def test_a_category_is_chosen_from_a_list(churn):
    churn.get_by_label("contract", exact=True).select_option(index=1)
    expect(churn.locator(".curl code")).to_contain_text('"two years"')


def test_a_boolean_stays_one(churn):
    before = row_of(churn)[3]
    churn.get_by_label("paperless", exact=True).select_option(index=int(not before))
    expect(churn.locator(".curl code")).to_contain_text(json.dumps(not before))
    assert row_of(churn)[3] is (not before)


def test_a_value_may_be_missing_where_the_model_takes_gaps(churn):
    churn.get_by_role("checkbox", name="age is missing").check()
    expect(churn.locator(".curl code")).to_contain_text("null")
    assert row_of(churn)[0] is None


def test_another_category_can_be_typed_where_the_model_takes_it(churn):
    churn.get_by_label("contract", exact=True).select_option("other …")
    churn.get_by_label("contract: another category").fill("a week")
    expect(churn.locator(".curl code")).to_contain_text('"a week"')


PASTED = {
    "a list": (json.dumps(FLOWER), FLOWER),
    "a request": (json.dumps({"instances": [FLOWER]}), FLOWER),
    "a record": (
        json.dumps({"petal_width": 1.5, "petal length (cm)": 5.1, "sepal_length": 6.3, "sepal_width": 2.8}),
        FLOWER,
    ),
    "CSV": ("6.3,2.8,5.1,1.5", FLOWER),
    "CSV with a header and the label": (
        "sepal_length,sepal_width,petal_length,petal_width,species\n6.3,2.8,5.1,1.5,virginica",
        FLOWER,
    ),
    "a spreadsheet's cells": ("6,3\t2,8\t5,1\t1,5", FLOWER),
    "semicolons": ("6,3;2,8;5,1;1,5", FLOWER),
}


@pytest.mark.parametrize(("text", "row"), PASTED.values(), ids=PASTED)
def test_a_row_is_pasted(iris, text, row):
    paste(iris, text)
    expect(iris.get_by_role("dialog")).to_be_hidden()
    expect(iris.locator(".curl code")).to_contain_text("6.3, 2.8, 5.1, 1.5")
    assert row_of(iris) == row


BAD = {
    "too few": ("6.3,2.8,5.1", "This row has 3 values; the model has 4 features"),
    "text": ("6.3,2.8,5.1,wide", 'The value of petal_width is "wide", which is no number.'),
    "broken JSON": ("[6.3,", "This begins like JSON, but is none"),
    "nothing": ("  ", "There is nothing to read."),
    "a header alone": ("sepal_length,sepal_width,petal_length,petal_width", "This is a header without a row below it."),
    "a gap": ("6.3,,5.1,1.5", "The value of sepal_width is missing"),
}


@pytest.mark.parametrize(("text", "sentence"), BAD.values(), ids=BAD)
def test_what_cannot_be_pasted_is_refused_with_the_reason(iris, text, sentence):
    """In the dialog, where the text is still to be corrected; the row stays."""
    before = row_of(iris)
    paste(iris, text)
    expect(iris.get_by_role("alert")).to_contain_text(sentence)
    iris.get_by_role("button", name="Cancel").click()
    assert row_of(iris) == before


def test_of_many_features_a_few_letters_find_one(visit, urls):
    page = visit(urls["wide"])
    page.get_by_role("searchbox").fill("number 42")
    expect(section(page, "Features").get_by_role("slider")).to_have_count(1)
