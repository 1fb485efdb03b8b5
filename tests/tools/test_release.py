"""make release: equal commits give equal files, which others' tools can check, and nothing else is released."""

import hashlib
import json
import os
import shutil
import subprocess
import sys

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from jsonschema import validate

from forest_serving import __version__
from tests.support.servers import ROOT, environment

GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "tag.gpgSign=false")
KEPT_OUT = (".git", ".venv*", ".*_cache", "__pycache__", "dist", "site", "docs", "benchmarks", "tests")
REPOSITORY = "https://host.example/forest"
OTHERWISE = {"TZ": "Pacific/Apia", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1700000000", "PYTHONHASHSEED": "7"}
DIGEST = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]+$"}}
# in-toto's resource descriptor: one of these three must be there.
DESCRIPTOR = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "uri": {"type": "string"}, "digest": DIGEST, "content": {}},
    "anyOf": [{"required": [name]} for name in ("uri", "digest", "content")],
}
URI = {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*:"}
# What in-toto's Statement v1 and SLSA's Provenance v1 require, and which types they give what may be left out.
STATEMENT = {
    "type": "object",
    "required": ["_type", "subject", "predicateType", "predicate"],
    "properties": {
        "_type": {"const": "https://in-toto.io/Statement/v1"},
        "subject": {"type": "array", "minItems": 1, "items": {**DESCRIPTOR, "required": ["digest"]}},
        "predicateType": {"const": "https://slsa.dev/provenance/v1"},
        "predicate": {
            "type": "object",
            "required": ["buildDefinition", "runDetails"],
            "additionalProperties": False,
            "properties": {
                "buildDefinition": {
                    "type": "object",
                    "required": ["buildType", "externalParameters"],
                    "additionalProperties": False,
                    "properties": {
                        "buildType": URI,
                        "externalParameters": {"type": "object"},
                        "internalParameters": {"type": "object"},
                        "resolvedDependencies": {"type": "array", "items": DESCRIPTOR},
                    },
                },
                "runDetails": {
                    "type": "object",
                    "required": ["builder"],
                    "additionalProperties": False,
                    "properties": {
                        "builder": {"type": "object", "required": ["id"], "properties": {"id": URI}},
                        "metadata": {"type": "object"},
                        "byproducts": {"type": "array", "items": DESCRIPTOR},
                    },
                },
            },
        },
    },
}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Return a clone whose one commit is this code."""
    folder = tmp_path_factory.mktemp("source") / "project"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*KEPT_OUT))
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "all"]):
        git(folder, *command)
    return folder


def git(folder, *arguments):
    """Return what git says in a folder."""
    done = subprocess.run([*GIT, *arguments], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def clone(source, folder, umask=0o022):
    """Return a clone that another user made."""
    subprocess.run(["git", "clone", "--quiet", source, folder], umask=umask, check=True, timeout=60)
    return folder


def make_release(folder, umask=0o022, **variables):
    """Run make release to its end."""
    command = [
        "make",
        f"VENV={sys.prefix}",
        f"--old-file={sys.prefix}/.complete",
        "release",
        f"REPOSITORY={REPOSITORY}",
    ]
    env = environment(folder / "home", **variables)
    return subprocess.run(command, cwd=folder, env=env, umask=umask, capture_output=True, text=True, timeout=120)


def refusal(folder, **variables):
    """Return the one sentence with which a release is refused; nothing must have been written."""
    done = make_release(folder, **variables)
    assert done.returncode != 0
    assert not (folder / "dist").exists()
    (sentence,) = [line for line in done.stderr.splitlines() if not line.startswith("make:")]
    return sentence


@pytest.fixture(scope="module")
def dist(source, tmp_path_factory):
    """Return the folder with a release."""
    folder = clone(source, tmp_path_factory.mktemp("first") / "clone")
    done = make_release(folder)
    assert done.returncode == 0, done.stderr
    return folder / "dist"


def hashes(folder):
    """Return each file's SHA-256."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def the_one(dist, suffix):
    (file,) = dist.glob(f"*{suffix}")
    return file


def test_two_clones_of_a_commit_give_the_same_files(source, dist, tmp_path):
    """In another folder, from files of another time and mode, with another time zone, language and clock."""
    other = clone(source, tmp_path / "a longer name", umask=0o077)
    for file in (other / "forest_serving").rglob("*.py"):
        os.utime(file, (1_000_000_000, 1_000_000_000))
    done = make_release(other, umask=0o077, **OTHERWISE)
    assert done.returncode == 0, done.stderr
    assert hashes(other / "dist") == hashes(dist)


def test_a_release_is_four_files(dist):
    name = f"forest_serving-{__version__}"
    files = {f"{name}-py3-none-any.whl", f"{name}.cdx.json", f"{name}.provenance.json", "SHA256SUMS"}
    assert {file.name for file in dist.iterdir()} - {".gitignore"} == files  # that one is uv's


def test_sha256sum_finds_all_other_files_whole(dist):
    done = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=dist, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count(": OK\n")) == (0, 3)


def test_the_statement_has_the_published_form(dist):
    validate(json.loads(the_one(dist, ".provenance.json").read_text()), STATEMENT)


def test_the_statement_names_the_commit_and_what_was_made_of_it(source, dist):
    told, commit = json.loads(the_one(dist, ".provenance.json").read_text()), git(source, "rev-parse", "HEAD")
    subjects = {each["name"]: each["digest"]["sha256"] for each in told["subject"]}
    assert subjects == {file: each for file, each in hashes(dist).items() if file.endswith((".whl", ".cdx.json"))}
    named = told["predicate"]["buildDefinition"]["externalParameters"]["source"]
    assert named == {"uri": f"git+{REPOSITORY}@{commit}", "digest": {"gitCommit": commit}}


def test_the_statement_names_the_tools_with_the_hashes_of_the_lock(dist):
    told, lock = json.loads(the_one(dist, ".provenance.json").read_text()), (ROOT / "requirements-dev.txt").read_text()
    _, *tools = told["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert {"hatchling", "uv", "packaging"} <= {tool["uri"].split("@")[0].removeprefix("pkg:pypi/") for tool in tools}
    assert all(f"--hash=sha256:{tool['digest']['sha256']}" in lock for tool in tools)


def test_the_bill_of_materials_is_valid_cyclonedx(dist):
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(the_one(dist, ".cdx.json").read_text()) is None


def test_the_bill_of_materials_is_the_lock_with_its_hashes(dist):
    bill, lock = json.loads(the_one(dist, ".cdx.json").read_text()), (ROOT / "requirements.txt").read_text()
    listed = {(part["name"], part["version"]) for part in bill["components"]}
    assert listed == {tuple(line.split()[0].split("==")) for line in lock.splitlines() if line[:1].isalnum()}
    digests = [each["content"] for part in bill["components"] for each in part["hashes"]]
    assert sorted(digests) == sorted(line.split(":")[1].split()[0] for line in lock.splitlines() if "sha256:" in line)


def test_what_is_in_no_commit_is_not_released(source, tmp_path):
    folder = clone(source, tmp_path / "clone")
    (folder / "forest_serving" / "new.py").touch()
    assert refusal(folder).startswith("A release is made of a commit, and forest_serving/new.py is not in it;")


def test_a_version_without_a_chapter_of_the_changelog_is_not_released(source, tmp_path):
    folder = clone(source, tmp_path / "clone")
    changelog = folder / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace(f"## {__version__} –", "## 9.9.9 –"))
    git(folder, "commit", "--quiet", "--all", "--message", "other")
    assert refusal(folder).startswith(f'CHANGELOG.md has no chapter "## {__version__} – <date>"')


def test_a_tag_of_another_version_is_not_released(source, tmp_path):
    folder = clone(source, tmp_path / "clone")
    git(folder, "tag", "v9.9.9")
    assert refusal(folder) == f"The tag v9.9.9 is not this version's, which is v{__version__}; make one say the other."


def test_a_version_is_released_once(source, tmp_path):
    folder = clone(source, tmp_path / "clone")
    git(folder, "tag", f"v{__version__}")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "more")
    assert refusal(folder).startswith(f"v{__version__} is tagged on another commit; raise __version__")


def test_without_a_clone_it_says_what_is_needed(source, tmp_path):
    folder = clone(source, tmp_path / "clone")
    shutil.rmtree(folder / ".git")
    sentence = refusal(folder, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert sentence.startswith("A release needs git and a clone: git status failed: ")
