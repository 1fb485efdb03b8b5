"""Schemathesis makes requests out of the served OpenAPI document, and compares the answers with what it says.

It sends bodies in a packet of their own, which no lane takes: a server without one would be asked the same again.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.ways import AS_SHIPPED

ST = Path(sys.executable).with_name("st")
# All checks, none excluded. The stateful phase needs links between operations, and a prediction leaves nothing behind
# that another request could use.
OPTIONS = [
    "--checks",
    "all",
    "--phases",
    "examples,coverage,fuzzing",
    "--max-examples",
    "10",
    "--request-timeout",
    "10",
]
OPTIONS += ["--mode", "all", "--seed", "1", "--continue-on-failure", "--warnings", "off"]

pytestmark = AS_SHIPPED


@pytest.fixture(scope="module")
def run(attacked, tmp_path_factory):
    """Return Schemathesis' run against the server, made in a folder of its own because it keeps notes there."""
    command = [ST, "run", f"{attacked.url}/docs.json", *OPTIONS]
    folder = tmp_path_factory.mktemp("schemathesis")
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180)


def test_every_answer_is_one_that_the_document_describes(run):
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]


def test_every_operation_of_the_document_was_tried(run):
    selected, tested = (line.split()[-1] for line in run.stdout.splitlines() if line.startswith(("  Sel", "  Tes")))
    assert selected == f"{tested}/{tested}"
