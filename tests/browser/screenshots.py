"""The pictures of the page in docs/pictures: make screenshots

Real servers, of models that are trained and saved for it, in Chromium. What differs from one run to the next is what is
measured: the time there and back, and the version's name.
"""

import contextlib
import json
import os
import subprocess
import tempfile
from urllib.parse import quote

import numpy as np
import requests
from playwright.sync_api import expect, sync_playwright
from sklearn.datasets import load_iris

from tests.support.browsing import DESKTOP, PHONE, answer_of, launched
from tests.support.servers import ROOT, serving

FOLDER = ROOT / "docs" / "pictures"
FLOWER = [6.3, 2.8, 5.1, 1.5]
CUSTOMER = [42.0, "month", 47.5, True, 3]
MARGIN = 16
N_LOOKS = 8


def main():
    """Make all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        stored(home)
        with contextlib.closing(launched(playwright)) as browser:
            with serving(home=home, FOREST_MODEL="iris") as url:
                draw(browser, url, "page-iris", "header", "#why", row=FLOWER)
                draw(browser, url, "page-live", "#live", "#live", meanwhile=shifted_traffic)
            with serving(home=home, FOREST_MODEL="churn") as url:
                draw(browser, url, "page-churn-dark", "header", "#why", row=CUSTOMER, color_scheme="dark")
            with serving(home=home, FOREST_MODEL="progression") as url:
                draw(browser, url, "page-phone", "#prediction", "#regions", viewport=PHONE)


def stored(home):
    """Store the models in a BentoML home."""
    os.environ["BENTOML_HOME"] = home
    from tests.conftest import train
    from tests.support import shown

    train(home)
    shown.save_churn()
    shown.save_progression()


def draw(browser, url, name, first, last, row=None, meanwhile=None, **options):  # noqa: PLR0913, PLR0917 - a picture's
    """Draw a page about a row, by default the example, from its first part to its last one.

    Something may happen to the server meanwhile: a function of the page and the URL.
    """
    fragment = f"#row={quote(json.dumps(row))}" if row else ""
    settings = {"viewport": DESKTOP, "reduced_motion": "reduce"} | options
    with contextlib.closing(browser.new_context(**settings)) as context:
        page = context.new_page()
        page.goto(f"{url}/ui{fragment}")
        settle(page, last)
        if meanwhile:
            meanwhile(page, url)
        page.evaluate("first => document.querySelector(first).scrollIntoView()", first)
        file = FOLDER / f"{name}.png"
        page.screenshot(path=file, full_page=True, animations="disabled", clip=clip_of(page, first, last))
        subprocess.run(["pngquant", "--force", "--skip-if-larger", "--strip", "--output", file, file], check=True)


def clip_of(page, first, last):
    """Return where two parts of a page and all between them are, as wide as the first."""
    boxes = [page.locator(part).first.bounding_box() for part in (first, last)]
    scrolled = page.evaluate("scrollY")
    top, bottom = (boxes[0]["y"] + scrolled, boxes[1]["y"] + boxes[1]["height"] + scrolled)
    left = max(boxes[0]["x"] - MARGIN, 0)
    return {"x": left, "y": top, "width": boxes[0]["width"] + 2 * MARGIN, "height": bottom - top}


def settle(page, last):
    """Wait until a page has nothing more to ask; then ask once more, since the first time is that of opening it."""
    expect(answer_of(page)).not_to_be_empty()
    page.locator(last).scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    slider = page.get_by_role("slider").first
    for key in ("ArrowRight", "ArrowLeft"):
        with page.expect_response("**/predict*"):
            slider.press(key)
    slider.blur()
    page.wait_for_load_state("networkidle")


def shifted_traffic(page, url):
    """Ask about rows of which one feature is no longer what it was in training, while the page looks."""
    page.locator("#live").scroll_into_view_if_needed()
    rows = np.random.default_rng(0).choice(load_iris().data, (N_LOOKS, 20, 25))
    rows[..., 2] += 1.5
    for look in rows:
        with page.expect_response("**/drift"):
            for request in look:
                requests.post(f"{url}/predict", json={"instances": request.tolist()}, timeout=60).raise_for_status()


if __name__ == "__main__":
    main()
