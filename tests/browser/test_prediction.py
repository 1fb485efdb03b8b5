"""The answer: every class as a bar, how long it took, the newest one only, and the line for a terminal."""

import json
import shlex
import subprocess

import requests
from playwright.sync_api import expect

from tests.support.browsing import answer_of, bars_of, paste, row_of, slowed

SLOW_MS = 400


def test_every_class_has_its_probability_as_a_bar(visit, urls):
    page = visit(urls["iris"])
    paste(page, "6.3,2.8,5.1,1.5")
    asked = {"instances": [[6.3, 2.8, 5.1, 1.5]]}
    (shares,) = requests.post(f"{urls['iris']}/predict_proba", json=asked, timeout=10).json()["probabilities"]
    expect(page.locator(".chosen .bar-text")).to_contain_text(f"{max(shares) * 100:.0f}")
    shown = [float(text.rstrip("%\u00a0").lstrip("<>")) / 100 for text in bars_of(page.locator("#prediction")).values()]
    assert all(abs(text - share) < 0.006 for text, share in zip(shown, shares, strict=True))


def test_the_time_there_and_back_is_told(visit, urls):
    expect(visit(urls["iris"]).locator("#prediction .time")).to_contain_text(" ms")


def test_the_curl_line_gives_the_same_answer_in_a_terminal(visit, urls):
    page = visit(urls["churn"])
    paste(page, json.dumps([None, 'it\'s a "week"', 12.5, True, 3]))
    code = page.locator(".curl code")
    expect(code).to_contain_text("12.5")
    done = subprocess.run(["sh", "-c", f"{code.inner_text()} --silent"], capture_output=True, text=True, timeout=20)
    expect(answer_of(page)).to_have_text(json.loads(done.stdout)["labels"][0])
    assert shlex.split(code.inner_text())[0] == "curl"


def test_the_curl_line_is_copied(visit, urls):
    page = visit(urls["iris"], permissions=["clipboard-read", "clipboard-write"])
    expect(answer_of(page)).not_to_be_empty()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator(".curl code").inner_text()


def test_on_a_slow_network_the_last_row_is_the_one_that_is_answered(visit, urls):
    """However many there were meanwhile, few are asked: one at a time, and then the newest."""
    page, asked = visit(urls["iris"]), []
    expect(answer_of(page)).to_have_text("setosa")
    slowed(page, SLOW_MS)
    page.on("request", lambda request: request.url.endswith("/predict_proba") and asked.append(request.post_data_json))
    box = page.get_by_role("spinbutton", name="petal width in cm")
    for tenths in range(3, 25):
        box.fill(str(tenths / 10))
    page.get_by_role("spinbutton", name="petal length in cm").fill("6.5")
    expect(answer_of(page)).to_have_text("virginica")
    assert asked[-1] == {"instances": [[*row_of(page)[:2], 6.5, 2.4]]}
    assert len(asked) < 10


def test_an_answer_that_is_long_on_its_way_is_no_more_shown_as_this_rows(visit, urls):
    page = visit(urls["iris"])
    expect(answer_of(page)).to_have_text("setosa")
    held = []
    page.route("**/predict_proba", lambda route: held.append(route))  # noqa: PLW0108 - Playwright sets a name on it
    page.get_by_role("spinbutton", name="petal width in cm").fill("2.4")
    expect(page.locator("#prediction .late")).to_contain_text("setosa")
    held.pop().continue_()
    expect(page.locator("#prediction .late")).to_have_count(0)


def test_a_refused_row_is_told_in_the_servers_words(visit, urls):
    page = visit(urls["iris"])
    page.faults.announce("400 (Bad Request)")
    page.get_by_role("spinbutton", name="petal width in cm").fill("1e39")
    expect(page.locator("#prediction .refused")).to_contain_text("petal_width")
    page.get_by_role("button", name="Example").click()
    expect(page.locator("#prediction .refused")).to_be_hidden()
