"""Links in the README and the documentation lead somewhere, as a code host shows the files."""

import re

import pytest

from tests.docs.pages import PAGES, ROOT, name, prose

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def anchors(page):
    """Return the anchors of a page's headings, as code hosts and MkDocs make them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page):
    for target in LINK.findall(prose(page)):
        if re.match("[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert linked.is_relative_to(ROOT.resolve()), target
        assert not anchor or anchor in anchors(linked), target


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent != ROOT], ids=name)
def test_every_page_can_be_reached_from_the_readme(page):
    """By one link or by several."""
    seen, to_see = set(), [ROOT / "README.md"]
    while to_see:
        here = to_see.pop()
        seen.add(here)
        linked = {(here.parent / target.partition("#")[0]).resolve() for target in LINK.findall(prose(here))}
        to_see += [other for other in PAGES if other.resolve() in linked and other not in seen]
    assert page in seen
