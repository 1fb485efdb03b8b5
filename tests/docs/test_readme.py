"""The README's examples, executed as they stand."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SERVER = "http://localhost:3000"
ROWS = """{"instances": [[5.1, 3.5, 1.4, 0.2]]}"""
USERS_LINES = (
    f"""curl -X POST {SERVER}/predict -H "Content-Type: application/json" -d '{ROWS}'""",
    f"""requests.post("{SERVER}/predict", json={ROWS}).json()      # {{"predictions": [0]}}""",
    "bentoml serve iris_classifier:latest",
)


def blocks(language):
    """Return the README's code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


CURLS = re.findall(r"^(curl .*)\n# (.*)$", "\n".join(blocks("bash")), re.MULTILINE)
CALLS = [block for block in blocks("python") if "MODEL_NAME" not in block]


@pytest.mark.parametrize("line", USERS_LINES, ids=["curl", "requests", "bentoml serve"])
def test_the_lines_that_users_know_stand_in_the_readme_word_for_word(line):
    assert line in README.splitlines()


@pytest.mark.parametrize(("command", "reply"), CURLS, ids=[f"curl {number}" for number in range(len(CURLS))])
def test_a_curl_line_answers_what_stands_below_it(served_url, command, reply):
    done = subprocess.run(["sh", "-c", command.replace(SERVER, served_url)], capture_output=True, text=True, timeout=20)
    assert (done.stdout, done.returncode) == (reply, 0), done.stderr


@pytest.mark.parametrize("block", CALLS, ids=["requests", "SyncHTTPClient", "AsyncHTTPClient", "IrisClassifier"])
def test_a_python_block_answers_what_its_comment_says(served_url, block):
    """The last call of each block is followed by its answer in a comment."""
    *before, call = block.replace(SERVER, served_url).rstrip().splitlines()
    call, answer = call.rsplit("  # ", 1)
    indent = call[: len(call) - len(call.lstrip())]
    names = {}
    exec("\n".join([*before, f"{indent}answer = {call.strip()}"]), names)  # noqa: S102 - our own README
    assert names["answer"] == eval(answer)  # noqa: S307


def test_every_link_leads_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_make_command_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert (
        set(re.findall(r"`?make ([a-z-]+)", "\n".join([*blocks("bash"), *re.findall("`make [a-z-]+", README)])))
        <= targets
    )
