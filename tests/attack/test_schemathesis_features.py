"""Schemathesis makes requests about what is stored, too: on a server that has a store, and lets a key change it."""

import subprocess

import pytest

from tests.attack.test_schemathesis import OPTIONS, ST
from tests.support.servers import copy_of_store, serving

# Whether a change is made depends on what is stored, too, which no schema says.
CONDITIONS = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 412, 428, 429, "5xx"]
"""


@pytest.fixture(scope="module")
def run(bentoml_home, tmp_path_factory):
    """Return Schemathesis' run against a server with a store of its own."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("stored"))
    variables = {"FOREST_FEATURES": str(home / "features"), "FOREST_WRITE_KEYS": "writer", "FOREST_API_KEYS": "reader"}
    with serving(home=home, **variables) as url:
        command = [ST, "run", f"{url}/docs.json", *OPTIONS, "--header", "Authorization: Bearer writer"]
        command += ["--include-path-regex", "^/features"]
        folder = tmp_path_factory.mktemp("schemathesis")
        (folder / "schemathesis.toml").write_text(CONDITIONS)
        yield subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=280)


def test_every_answer_is_one_that_the_document_describes(run):
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]


def test_every_operation_about_features_was_tried(run):
    selected, tested = (line.split()[-1] for line in run.stdout.splitlines() if line.startswith(("  Sel", "  Tes")))
    assert selected == f"{tested}/{tested}" or selected.startswith(f"{tested}/")
