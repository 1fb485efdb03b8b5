"""The page opens for any model: small, quickly, and with nothing kept of it."""

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.conftest import MODELS
from tests.support.browsing import answer_of

FIRST_LOAD_BYTES = 100_000
# What was loaded: bytes on the wire, without headers; and the milliseconds until the first answer was there.
LOADED = """() => {
    const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const answer = all.find(each => each.name.endsWith("/predict_proba"));
    const isPicture = each => each.name.endsWith("/ui/regions");  // 160,000 cells, of a byte each
    return [all.reduce((sum, each) => sum + (isPicture(each) ? 0 : each.encodedBodySize), 0), answer.responseEnd];
}"""


def example_of(url):
    """Return the example row of a served model."""
    return requests.get(f"{url}/ui/card.json", timeout=10).json()["example"]


@pytest.mark.parametrize("model", MODELS)
def test_any_model_has_a_page_with_its_name_and_the_answer_to_its_example(visit, urls, model):
    page = visit(urls[model])
    expect(page.get_by_role("heading", level=1)).to_have_text(model)
    expect(answer_of(page)).not_to_be_empty()


@pytest.mark.parametrize("model", ["iris", "churn", "wide"])
def test_the_answer_is_the_servers(visit, urls, model):
    asked = {"instances": [example_of(urls[model])]}
    told = requests.post(f"{urls[model]}/predict_proba", json=asked, timeout=10).json()
    expect(answer_of(visit(urls[model]))).to_have_text(told["labels"][0])


def test_a_number_is_the_servers_too(visit, urls):
    asked = {"instances": [example_of(urls["progression"])]}
    (told,) = requests.post(f"{urls['progression']}/predict", json=asked, timeout=10).json()["predictions"]
    expect(answer_of(visit(urls["progression"]))).to_have_text(f"{told:.4g}")


def test_the_first_load_is_small(visit, urls, capsys):
    """With all panels, but for the cells of the picture. How long it takes is printed: it depends on the machine."""
    page = visit(urls["iris"])
    expect(answer_of(page)).not_to_be_empty()
    page.wait_for_load_state("networkidle")
    n_bytes, ms = page.evaluate(LOADED)
    with capsys.disabled():
        print(f"\nfirst load of /ui: {n_bytes:,} bytes, the first answer after {ms:.0f} ms")
    assert 10_000 < n_bytes <= FIRST_LOAD_BYTES


def test_nothing_is_kept_in_the_browser(visit, urls):
    page = visit(urls["iris"])
    expect(answer_of(page)).not_to_be_empty()
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.context.cookies() == []
