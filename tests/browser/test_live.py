"""What the page shows of the server's traffic and of drift."""

import numpy as np
import pytest
import requests
from playwright.sync_api import expect
from sklearn.datasets import load_iris

from tests.support.servers import copy_of_store, serving
from tests.support.shown import customers_asked, progression


@pytest.fixture
def server(shown_home, tmp_path):
    """Return the URL of a server of Iris that nobody else asks."""
    with serving(home=copy_of_store(shown_home, tmp_path)) as url:
        yield url


def send(url, n_rows, n_times=1):
    """Send rows that look like the training data."""
    rows = customers_asked().head(n_rows)
    instances = rows.astype(object).where(rows.notna(), None).to_dict("records")
    for _ in range(n_times):
        assert requests.post(f"{url}/predict", json={"instances": instances}, timeout=60).ok


def test_traffic_shows_within_a_few_seconds(visit, urls):
    page = visit(urls["churn"])
    live = page.locator("#live")
    live.scroll_into_view_if_needed()
    expect(live.get_by_role("img", name="Requests per second, last two minutes")).to_be_attached()
    send(urls["churn"], 5, n_times=9)
    expect(live.get_by_role("img", name="99th percentile, last two minutes: from")).to_be_attached()
    expect(live.locator(".bars")).to_contain_text("yes")


def test_drift_is_told_of_each_feature_with_its_values_beside_the_training_data(visit, urls):
    send(urls["churn"], 600, n_times=4)
    page = visit(urls["churn"])
    live = page.locator("#live")
    live.scroll_into_view_if_needed()
    line = live.locator(".drifts li", has_text="contract")
    expect(line).to_contain_text("no drift")
    line.locator("summary").click()
    expect(line.get_by_role("row", name="two years")).to_contain_text("%")


def test_a_shifted_feature_is_told_and_the_others_are_not(visit, server):
    page = visit(server)
    live = page.locator("#live")
    live.scroll_into_view_if_needed()
    expect(live.get_by_text("Drift from the training data")).to_be_visible()
    rows = np.random.default_rng(0).choice(load_iris().data, 2000)
    rows[:, 2] += 2
    assert requests.post(f"{server}/predict", json={"instances": rows.tolist()}, timeout=60).ok
    expect(live.locator(".drifts li", has_text="petal length")).to_contain_text("drifted")
    expect(live.locator(".drifts li", has_text="sepal width")).to_contain_text("no drift")


def test_long_values_of_a_feature_do_not_make_a_phones_page_wider(visit, urls):
    names, rows = progression()[1].columns.tolist(), progression()[1].head(300).to_numpy().tolist()
    assert requests.post(f"{urls['progression']}/predict", json={"instances": rows}, timeout=60).ok
    page = visit(urls["progression"], viewport={"width": 320, "height": 700})
    page.locator("#live").scroll_into_view_if_needed()
    page.locator(".drifts summary", has_text=names[0]).first.click()
    expect(page.locator("#live .bins")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nothing_is_asked_while_the_section_is_out_of_sight(visit, urls):
    page = visit(urls["churn"])
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.set_viewport_size({"width": 1280, "height": 300})
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(2_500)  # longer than a poll, which must not come
    asked.clear()
    page.wait_for_timeout(2_500)
    assert "metrics" not in asked
    page.locator("#live").scroll_into_view_if_needed()
    with page.expect_request("**/metrics"):
        pass


def test_a_regressor_has_a_mean_in_place_of_classes(visit, urls):
    page = visit(urls["progression"])
    page.locator("#live").scroll_into_view_if_needed()
    expect(page.locator("#live")).to_contain_text("Mean prediction")
    expect(page.locator("#live").get_by_text("Predictions since")).to_be_hidden()
