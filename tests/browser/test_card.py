"""The model card, at /ui/model and at the end of /ui: for any model, judged or not."""

import re

import pytest
from playwright.sync_api import expect
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

import forest_serving
from tests.support.browsing import PHONE, bars_of, section
from tests.support.training import wine

WINE = wine()
ROWS = WINE.drop(columns="cultivar")
CARD = "/ui/model"


@pytest.fixture(scope="module")
def judged(shown_home, urls):
    """Return the URLs of a regressor and of a classifier that rows of a test judged."""
    test, learned = WINE.index % 3 == 0, WINE.index % 3 > 0
    models = {
        "alcohol": (RandomForestRegressor(5, max_depth=3, random_state=0), ROWS["alcohol"]),
        "cultivars": (RandomForestClassifier(5, max_depth=3, random_state=0), WINE["cultivar"]),
    }
    for name, (model, truth) in models.items():
        model.fit(ROWS[learned], truth[learned])
        forest_serving.save(name, model, ROWS[learned], truth[learned], test=(ROWS[test], truth[test]), engine="forest")
    return {name: urls[name] for name in models}


@pytest.mark.parametrize("path", ["/ui", CARD])
def test_the_card_of_a_judged_classifier_has_all_its_parts(visit, urls, path):
    page = visit(urls["iris"], path)
    page.locator("#card").scroll_into_view_if_needed()
    headings = section(page, "Model card").get_by_role("heading", level=3)
    expect(headings.first).to_have_text("Scores")
    assert headings.all_inner_texts() == [
        *("Scores", "Confusion", "Calibration", "Importance of features", "Features", "Limits"),
        *("How exactness was proved", "Where it comes from"),
    ]


def test_the_confusion_is_a_table_whose_numbers_can_be_read_without_its_shades(visit, urls):
    table = visit(urls["iris"], CARD).get_by_role("table").filter(has_text="true \\ answered")
    expect(table.get_by_role("row").nth(3)).to_contain_text("virginica")
    assert table.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts() == ["13", "0", "0"]


def test_pictures_say_in_words_what_they_show(visit, urls):
    picture = visit(urls["iris"], CARD).get_by_role("img")
    expect(picture).to_have_accessible_name(re.compile("came true for 94.7.* of the hold-out"))


def test_a_regressor_shows_its_answers_beside_the_truth(visit, judged):
    page = visit(judged["alcohol"], CARD)
    expect(page.get_by_role("heading", name="Answers beside the truth")).to_be_visible()
    assert page.get_by_text("Root mean squared error").count() == 1
    assert "alcohol" in bars_of(page)


def test_a_model_without_evaluation_says_how_to_get_one(visit, urls):
    page = visit(urls["wide"], CARD)
    expect(page.get_by_text("Saved without evaluation.")).to_be_visible()
    assert page.get_by_role("heading", name="Scores").count() == 0


def test_many_columns_are_shown_when_asked_for(visit, urls):
    page = visit(urls["wide"], CARD)
    page.get_by_role("button", name="Show all 60 features").click()
    lines = page.locator(".columns tbody tr")
    expect(lines.nth(59)).to_be_visible()
    expect(lines.nth(12)).to_be_focused()


@pytest.mark.parametrize("name", ["iris", "wide"])
def test_on_a_phone_nothing_is_wider_than_the_screen(visit, urls, name):
    page = visit(urls[name], CARD, viewport=PHONE)
    expect(page.get_by_role("heading", name="Limits")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_the_page_at_ui_fetches_the_card_only_when_somebody_comes_near(visit, urls):
    page = visit(urls["iris"], "/ui", viewport={"width": 1280, "height": 300})
    expect(page.locator("#prediction .answer")).not_to_be_empty()
    fetched = "performance.getEntriesByType('resource').filter(each => /card_/.test(each.name)).length"
    assert page.evaluate(fetched) == 0
    page.locator("#card").scroll_into_view_if_needed()
    expect(page.get_by_role("heading", name="Limits")).to_be_visible()
    assert page.evaluate(fetched) > 0


def test_the_way_back_leads_to_the_page(visit, urls):
    page = visit(urls["iris"], CARD)
    page.get_by_role("link", name="Try the model").click()
    expect(page).to_have_url(f"{urls['iris']}/ui")
