"""The README: short, with the lines that people know, and true about commands and statuses."""

import re

import pytest

from forest_serving import errors
from tests.docs.pages import PAGES, ROOT, blocks, name

README = (ROOT / "README.md").read_text()
SERVER = "http://localhost:3000"
ROWS = """{"instances": [[5.1, 3.5, 1.4, 0.2]]}"""
USERS_LINES = (
    f"""curl -X POST {SERVER}/predict -H "Content-Type: application/json" -d '{ROWS}'""",
    f"""requests.post("{SERVER}/predict", json={ROWS}).json()      # {{"predictions": [0]}}""",
    "bentoml serve iris_classifier:latest",
)
MAKE = re.compile(r"(?:^|`)(?:IMAGE=\S+ )?make ([a-z-]+)", re.MULTILINE)
PATHS = re.compile(r"(?<![\w/.-])(?:forest_serving|tests|tools|deploy)/[\w./-]*\w")


@pytest.mark.parametrize("line", USERS_LINES, ids=["curl", "requests", "bentoml serve"])
def test_the_lines_that_users_know_stand_in_the_readme_word_for_word(line):
    assert line in README.splitlines()


def test_the_readme_is_an_entrance():
    """At most 1,400 words, counted as wc -w does; everything else has a page of its own."""
    assert len(README.split()) <= 1400


@pytest.mark.parametrize("file", ["README.md", "docs/reference/http-api.md"])
def test_each_status_of_a_refusal_is_in_the_table(file):
    """And none that there is not, but 500."""
    rows = re.findall(r"^\| ([\d, ]+) \|", (ROOT / file).read_text(), re.MULTILINE)
    told = {int(status) for row in rows for status in row.split(", ")}
    assert told == {refusal.status for refusal in kinds(errors.RequestError)} | {500}


def kinds(error):
    """Return all classes below an error."""
    return {kind for below in error.__subclasses__() for kind in (below, *kinds(below))}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_make_command_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = "\n".join(block.text for block in blocks(page)) + "\n".join(re.findall("`[^`]+`", page.read_text()))
    assert set(MAKE.findall(code)) <= targets


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_file_of_ours_that_a_page_names_exists(page):
    for path in PATHS.findall(page.read_text()):
        assert (ROOT / path).exists(), path
