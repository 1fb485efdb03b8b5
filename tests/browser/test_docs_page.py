"""The documentation at /, which the server makes itself."""

from playwright.sync_api import expect


def test_it_opens_and_asks_nobody_else(visit, urls):
    page = visit(urls["iris"], "/")
    expect(page.get_by_role("heading", name="Iris classifier")).to_be_visible()
