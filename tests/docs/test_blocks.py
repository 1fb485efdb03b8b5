"""Every code block of the README and the documentation does what it says, or says who runs it, or why nothing can."""

import json

import pytest
import yaml

from tests.docs.pages import PAGES, ROOT, RUNNABLE, Block, blocks, commands, name
from tests.docs.walk import Walk, checked

BLOCKS = [block for page in PAGES for block in blocks(page)]
TO_WALK = [page for page in PAGES if any(block.is_run for block in blocks(page))]
LANGUAGES = {*RUNNABLE, "json", "yaml", "text", "promql"}


@pytest.mark.parametrize("page", TO_WALK, ids=name)
def test_the_blocks_of_a_page_do_what_they_say(page, bentoml_home, served_url, tmp_path):
    """From the first to the last, in a copy of the project; a line that serves is the server for those below it."""
    with Walk(tmp_path, bentoml_home, served_url) as walk:
        for block in blocks(page):
            if block.is_run:
                walk.do(block)


@pytest.mark.parametrize("block", BLOCKS, ids=[block.place for block in BLOCKS])
def test_a_block_says_its_language(block):
    assert block.language in LANGUAGES


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.marker == "run by"], ids=lambda block: block.place
)
def test_what_another_file_runs_is_run_there(block):
    """A test, or a page that runs the same lines."""
    for file in block.note.split(", "):
        assert (ROOT / file).is_file(), file
        if file.endswith(".md"):
            there = {line for other in blocks(ROOT / file) if other.is_run for line in commands(other)}
            assert set(commands(block)) <= there


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_marker_belongs_to_a_block(page):
    """One that was torn from its block would say nothing."""
    markers = page.read_text().count("<!-- not run: ") + page.read_text().count("<!-- run by: ")
    assert markers == sum(block.marker is not None for block in blocks(page))


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language == "json"], ids=lambda block: block.place
)
def test_json_is_json(block):
    json.loads(block.text)


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language == "yaml"], ids=lambda block: block.place
)
def test_yaml_is_yaml(block):
    yaml.safe_load(block.text)


@pytest.mark.parametrize(
    ("text", "fails"),
    [("1 + 1  # 2", False), ("1 + 1  # 3", True), ("if True:\n    1 + 1  # 3", True), ("1 + 1", False)],
    ids=["right", "wrong", "wrong and indented", "nothing promised"],
)
def test_a_promised_answer_is_compared(text, fails):
    """The test of the tests above."""
    try:
        exec(checked(text), {})  # noqa: S102 - the texts above
    except AssertionError:
        assert fails
    else:
        assert not fails


def test_a_failing_command_is_noticed(bentoml_home, tmp_path):
    with Walk(tmp_path, bentoml_home, "") as walk, pytest.raises(AssertionError, match="no-such-command"):
        walk.do(Block("here", "bash", "no-such-command\n", None, None))


def test_other_output_than_promised_is_noticed(bentoml_home, tmp_path):
    with Walk(tmp_path, bentoml_home, "") as walk, pytest.raises(AssertionError, match="here: echo 1"):
        walk.do(Block("here", "bash", "echo 1\n# 2\n", None, None))
