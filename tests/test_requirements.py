"""The locked requirements."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = {name: (ROOT / name).read_text() for name in ("requirements.txt", "requirements-dev.txt")}
NOT_FOR_SERVING = {
    "scikit-learn",
    "scipy",
    "pandas",
    "joblib",
    "pytest",
    "hypothesis",
    "ruff",
    "mypy",
    "uv",
}


def pins(lock):
    """Return every "name==version ; marker" of a lock file's text."""
    return re.findall(r"^([a-z0-9][^ =]*)==([^ ]+)( ; [^\\]+)? \\$", lock, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_every_requirement_has_a_version_and_hashes(lock):
    requirements = [line for line in lock.splitlines() if line and line[0] not in "# "]
    assert len(requirements) == len(pins(lock)) > 50
    for block in re.split(r"\n(?=[a-z0-9])", lock)[1:]:
        assert "--hash=sha256:" in block


def test_serving_installs_nothing_of_training_and_tests():
    assert not NOT_FOR_SERVING & {name for name, *_ in pins(LOCKS["requirements.txt"])}


def test_tests_run_with_the_versions_that_serve():
    served, tested = ({(name, version) for name, version, _ in pins(lock)} for lock in LOCKS.values())
    assert served <= tested


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_no_package_index_is_named(lock):
    assert "://" not in lock


def test_the_locks_hold_all_that_is_asked_for():
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.match("[a-z-]+", requirement).group() for requirement in asked}
    assert names <= {name for name, *_ in pins(LOCKS["requirements.txt"])}


def test_uvloop_is_left_out_where_it_cannot_run():
    assert ("uvloop", " ; sys_platform != 'win32'") in {
        (name, marker) for name, _, marker in pins(LOCKS["requirements.txt"])
    }
