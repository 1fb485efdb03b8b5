"""The site: built strictly, complete, and without a byte from elsewhere."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from tests.docs.pages import ROOT

LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "image": "href"}
ELSEWHERE = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Return the folder into which the site was built, as "make docs" does."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


class Loaded(HTMLParser):
    """What a page makes the browser load."""

    def __init__(self):
        super().__init__()
        self.urls = []

    def handle_starttag(self, tag, attributes):
        url = dict(attributes).get(LOADS.get(tag, ""))
        if url:
            self.urls.append(url)


def test_no_page_loads_anything_from_elsewhere(site):
    for page in site.rglob("*.html"):
        parser = Loaded()
        parser.feed(page.read_text())
        assert parser.urls
        assert not [url for url in parser.urls if ELSEWHERE.match(url)], page


def test_no_stylesheet_loads_anything_from_elsewhere(site):
    for sheet in site.rglob("*.css"):
        assert not re.findall(r"""(?:url\(|@import)\s*["']?(?:[a-z]+:)?//""", sheet.read_text()), sheet


def test_the_front_page_is_the_readme(site):
    assert "exactly and fast" in (site / "index.html").read_text()
    assert (site / "architecture.svg").exists()


@pytest.mark.parametrize(
    ("page", "word"),
    [
        ("settings", "FOREST_MAX_BODY_BYTES"),
        ("metrics", "forest_predictions_total"),
        ("errors", "TooManyRows"),
        ("commands", "--min-accuracy"),
        ("commands", "make test-image"),
        ("python", "plot_rows"),
    ],
)
def test_reference_pages_come_from_the_code(site, page, word):
    text = (site / "reference" / f"{page}.html").read_text()
    assert word in text
    assert "<!-- generated" not in text
