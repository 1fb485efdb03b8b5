"""The locked requirements."""

import ast
import re
import sys
import tomllib
from collections import Counter
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as normal

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "forest_serving"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {name: (ROOT / name).read_text() for name in ("requirements.txt", "requirements-dev.txt")}
FUZZING = (ROOT / "tests" / "fuzz" / "requirements.txt").read_text()
COMPILER = (ROOT / "tools" / "kernel.txt").read_text()
NOT_FOR_SERVING = {
    "scikit-learn",
    "scipy",
    "pandas",
    "joblib",
    "pytest",
    "hypothesis",
    "ruff",
    "mypy",
    "tqdm",
    "hatchling",
    "uv",
}


def name_of(requirement):
    """Return the normal name of a requirement."""
    return normal(Requirement(requirement).name)


def pins(lock):
    """Return every "name==version ; marker" of a lock file's text."""
    return re.findall(r"^([a-z0-9][^ =]*)==([^ ]+)( ; [^\\]+)? \\$", lock, re.MULTILINE)


@pytest.mark.parametrize("lock", [*LOCKS.values(), FUZZING], ids=[*LOCKS, "fuzzing"])
def test_every_requirement_has_a_version_and_hashes(lock):
    requirements = [line for line in lock.splitlines() if line and line[0] not in "# "]
    assert len(requirements) == len(pins(lock)) > 50
    for block in re.split(r"\n(?=[a-z0-9])", lock)[1:]:
        assert "--hash=sha256:" in block


def test_serving_installs_nothing_of_training_and_tests():
    assert not NOT_FOR_SERVING & {name for name, *_ in pins(LOCKS["requirements.txt"])}


@pytest.mark.parametrize("lock", [LOCKS["requirements-dev.txt"], FUZZING], ids=["tests", "fuzzing"])
def test_tests_run_with_the_versions_that_serve(lock):
    served, tested = ({pin[:2] for pin in pins(each)} for each in (LOCKS["requirements.txt"], lock))
    assert served <= tested


def test_no_file_is_brought_by_two_packages():
    """Otherwise the last one installed would win, and two environments made from one lock would differ."""
    files = Counter(path for each in distributions() for path in {str(file) for file in each.files or ()})
    assert [path for path, n_packages in files.items() if n_packages > 1] == []


def test_one_compiler_builds_the_kernel_that_serves_and_the_one_that_is_fuzzed():
    assert [name for name, *_ in pins(COMPILER)] == ["ziglang"]
    assert set(pins(COMPILER)) <= set(pins(FUZZING))
    assert "--hash=sha256:" in COMPILER


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_no_package_index_is_named(lock):
    assert "://" not in lock


def test_the_locks_hold_all_that_is_asked_for():
    names = {lock: {name for name, *_ in pins(text)} for lock, text in LOCKS.items()}
    project = PYPROJECT["project"]
    assert {name_of(asked) for asked in project["dependencies"]} <= names["requirements.txt"]
    for_development = [*project["optional-dependencies"]["train"], *PYPROJECT["dependency-groups"]["dev"]]
    assert {name_of(asked) for asked in for_development} <= names["requirements-dev.txt"]


def test_what_is_locked_is_what_is_asked_for():
    """Otherwise the tests would not say whether a range that users install from can be used."""
    versions = {name: version for name, version, _ in pins(LOCKS["requirements-dev.txt"])}
    extra = PYPROJECT["project"]["optional-dependencies"]["train"]
    for asked in map(Requirement, [*PYPROJECT["project"]["dependencies"], *extra]):
        assert asked.specifier.contains(versions[asked.name]), asked


@pytest.mark.parametrize(
    ("folders", "asked"),
    [
        (["card.py", "errors.py", "settings.py", "rows", "models", "protocols", "http", "monitoring", "host"], "serve"),
        (["training", "engines", "models"], "train"),
    ],
    ids=["serving", "training"],
)
def test_every_package_that_is_imported_is_asked_for(folders, asked):
    """Otherwise a user's environment has it by chance."""
    files = [file for name in folders for file in [PACKAGE / name, *(PACKAGE / name).rglob("*.py")] if file.is_file()]
    if asked == "serve":
        files.remove(PACKAGE / "models/forests.py")  # loads what scikit-learn trained, where there is scikit-learn
    names = {name for file in files for name in imports(file)} - sys.stdlib_module_names - {"forest_serving"}
    requirements = PYPROJECT["project"]["dependencies"]
    if asked == "train":
        requirements = requirements + PYPROJECT["project"]["optional-dependencies"]["train"]
    distributions = packages_distributions()
    declared = {name_of(requirement) for requirement in requirements}
    missing = {name for name in names if not declared & {normal(found) for found in distributions[name]}}
    assert missing == set()


def imports(file):
    """Return the top-level names that a file imports anywhere, inside functions too."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            yield (node.module or "").partition(".")[0]


def test_uvloop_is_left_out_where_it_cannot_run():
    assert ("uvloop", " ; sys_platform != 'win32'") in {
        (name, marker) for name, _, marker in pins(LOCKS["requirements.txt"])
    }
