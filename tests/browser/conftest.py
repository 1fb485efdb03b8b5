"""One Chromium and one server for each model, for all tests of the page; each test has a page of its own."""

import contextlib
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from tests.support import shown
from tests.support.browsing import DESKTOP, Faults, launched
from tests.support.servers import copy_of_store, serving

MODELS = ["iris", "churn", "progression", "wide"]


@pytest.fixture(scope="session")
def chromium():
    """Return the browser."""
    with sync_playwright() as playwright, contextlib.closing(launched(playwright)) as browser:
        yield browser


@pytest.fixture(scope="session")
def shown_home(bentoml_home):
    """Return a BentoML home that has each of the models."""
    shown.save_churn()
    shown.save_progression()
    shown.save_wide()
    shown.save_odd()
    return bentoml_home


@pytest.fixture(scope="session")
def urls(shown_home, tmp_path_factory):
    """Return the URL of a server of each model, by the model's name; each is started when it is first asked for."""

    class Servers(dict):
        def __missing__(self, name):
            home = copy_of_store(shown_home, tmp_path_factory.mktemp(name))
            self[name] = running.enter_context(serving(home=home, FOREST_MODEL=name))
            return self[name]

    with contextlib.ExitStack() as running:
        yield Servers()


@pytest.fixture
def visit(chromium):
    """Return a function that opens a page, with options of a browser's context; faults on it fail the test."""
    with contextlib.ExitStack() as opened:
        faults = []

        def visited(url, path="/ui", **options):
            context = opened.enter_context(contextlib.closing(chromium.new_context(**{"viewport": DESKTOP} | options)))
            page = context.new_page()
            parts = urlsplit(url)
            page.faults = Faults(f"{parts.scheme}://{parts.netloc}")
            page.faults.watch(page)
            faults.append(page.faults)
            page.goto(url + path)
            return page

        yield visited
        assert [text for each in faults for text in each.unannounced] == []
