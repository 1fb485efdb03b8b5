"""What those who join the project rely on."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from forest_serving import __version__

ROOT = Path(__file__).parent.parent
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
LINT = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_changelog_tells_of_this_version():
    assert re.search(rf"^## {re.escape(__version__)} – \d{{4}}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.M)


def test_before_a_commit_runs_what_make_lint_runs():
    before = {Path(shlex.split(hook["entry"])[0]).name for repo in HOOKS for hook in repo["hooks"]}
    assert before == set(re.findall(r"/bin/([a-z-]+)", LINT.group(1)))


def test_hooks_are_fetched_from_nowhere():
    assert {repo["repo"] for repo in HOOKS} == {"local"}


def test_hosted_ci_runs_what_ci_runs():
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    (job,) = workflow["jobs"].values()
    assert "bash .ci/run" in [step.get("run") for step in job["steps"]]


def test_a_tag_makes_a_release_that_the_host_attests():
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
    assert workflow[True] == {"push": {"tags": ["v*"]}}  # YAML takes "on" for a switch
    steps = workflow["jobs"]["release"]["steps"]
    assert any(step.get("run", "").startswith("make release ") for step in steps)
    assert any(step.get("uses", "").startswith("actions/attest-build-provenance@") for step in steps)


@pytest.mark.parametrize("form", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")), ids=lambda file: file.stem)
def test_an_issue_form_asks_for_something(form):
    asked = yaml.safe_load(form.read_text())
    assert {"name", "description", "body"} <= set(asked)
    assert any(field.get("validations", {}).get("required") for field in asked["body"])
