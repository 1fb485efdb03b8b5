"""make image: which engine it takes, what it asks of it, and its refusals. tests/image builds with a real one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.models import save_in
from tests.support.servers import ROOT, copy_of_store, environment
from tools.build_image import revision

# Notes what it is asked; what "run" prints stands for the packages in the image, "image inspect" for its size.
CLIENT = """#!/bin/sh
echo "$@" >>{folder}/calls
case "$1" in info) {info} ;; run) echo "[]" ;; image) echo 1000000 ;; buildx) {buildx} ;; esac
[ "$1" != version ] || echo '"{version}"'
echo "$DOCKER_BUILDKIT" >>{folder}/buildkit
[ "$1" != --version ] || echo "Docker version {version}"
"""


@pytest.fixture(scope="module")
def home(bentoml_home, tmp_path_factory):
    return copy_of_store(bentoml_home, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a copy of the code that is no git repository, for what make image writes."""
    ignored = shutil.ignore_patterns(".*", "__pycache__", "tests", "benchmarks", "dist")
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("project"), ignore=ignored, dirs_exist_ok=True)


@pytest.fixture
def make_image(project, home, tmp_path):
    """Return a function that makes an image where only these clients can be found."""

    def image(*arguments, clients=(), **variables):
        (tmp_path / "bin").mkdir(exist_ok=True)
        for name, options in dict(clients).items():
            values = {"info": "", "buildx": "exit 1", "version": "20.10.24", "folder": tmp_path} | options
            (tmp_path / "bin" / name).write_text(CLIENT.format(**values))
            (tmp_path / "bin" / name).chmod(0o755)
        for name in ("sh", "uv"):  # "bentoml build" wants uv
            found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
            (tmp_path / "bin" / name).symlink_to(found)
        env = environment(home, PATH=str(tmp_path / "bin"), **variables)
        command = [sys.executable, "-m", "tools.build_image", *arguments]
        return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=120)

    return image


@pytest.fixture
def calls(tmp_path):
    """Return a function that returns what the clients were asked, as lists of words."""
    return lambda: [line.split() for line in (tmp_path / "calls").read_text().splitlines()]


def test_without_an_engine_it_says_what_to_install(make_image):
    done = make_image()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "An image needs Docker or Podman, and neither is installed: sudo apt-get install podman"
    )
    assert len(done.stderr.splitlines()) == 1


def test_an_engine_that_does_not_answer_is_named_with_its_own_words(make_image):
    done = make_image(clients={"docker": {"info": "echo 'Is the daemon running?' >&2; exit 1"}})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("docker is installed but does not answer (Is the daemon running?). Start it, or ")


def test_podman_is_used_where_docker_does_not_answer(make_image, calls):
    done = make_image(clients={"docker": {"info": "exit 1"}, "podman": {}})
    assert done.returncode == 0, done.stderr
    assert "\n  podman run --rm -p 3000:3000 iris_classifier:" in done.stdout
    bentos, ours = (call for call in calls() if call[:1] == ["build"])
    assert ours[1:3] == ["--format", "docker"]  # or the health check is dropped
    assert bentos[bentos.index("--tag") + 1] == f"{ours[ours.index('--tag') + 1]}-bento"


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("iris:1.0", "iris:1.0"),
        ("registry.example:5000/team/iris", "registry.example:5000/team/iris:{version}"),
        ("registry.example/team/iris:1.0", "registry.example/team/iris:1.0"),
    ],
)
def test_the_image_gets_the_name_that_is_given(make_image, home, given, made):
    done = make_image("--image", given, clients={"docker": {}})
    version = (home / "bentos" / "iris_classifier" / "latest").read_text()
    assert f"\n  docker run --rm -p 3000:3000 {made.format(version=version)}\n" in done.stdout, done.stderr


@pytest.mark.parametrize("name", ["Iris", "iris:", "iris classifier", "iris@sha256:12", "-iris", "a//b", "iris:a:b"])
def test_a_name_that_no_image_can_have_is_one_sentence(make_image, name):
    done = make_image(f"--image={name}", clients={"docker": {}})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("IMAGE must be like registry.example/team/wine or wine:1.0, in lower case, not ")


def test_another_model_gives_another_image_whose_labels_name_it(make_image, calls, home):
    tag = save_in(home, "wine", "wine")
    done = make_image(clients={"docker": {}}, FOREST_MODEL="wine")
    assert "\n  docker run --rm -p 3000:3000 wine_classifier:" in done.stdout, done.stderr
    assert f"forest.model.tag={tag}" in [word for call in calls() for word in call]
    assert re.search(r"dist/wine_classifier-[0-9a-f]{16}\.cdx\.json", done.stdout)


def test_the_image_of_features_has_no_model_and_none_is_looked_for(make_image, calls, tmp_path):
    done = make_image("--features", clients={"docker": {}}, BENTOML_HOME=str(tmp_path / "empty"))
    assert "\n  docker run --rm -p 3000:3000 features:" in done.stdout, done.stderr
    assert not [word for call in calls() for word in call if word.startswith("forest.model")]
    assert re.search(r"dist/features-[0-9a-f]{16}\.cdx\.json", done.stdout)


def test_both_builds_stand_on_the_base_image_that_is_given(make_image, calls, home):
    pinned = "python:3.11-slim@sha256:" + "0" * 64
    done = make_image(clients={"docker": {}}, BASE_IMAGE=pinned)
    assert done.returncode == 0, done.stderr
    assert f"BASE_IMAGE={pinned}" in [word for call in calls() for word in call]
    bento = home / "bentos" / "iris_classifier" / (home / "bentos" / "iris_classifier" / "latest").read_text()
    assert f"FROM {pinned} AS base-container\n" in (bento / "env" / "docker" / "Dockerfile").read_text()


@pytest.mark.parametrize(
    ("client", "buildkit"),
    [({"version": "28.2.2"}, "0"), ({"version": "28.2.2", "buildx": "exit 0"}, ""), ({"version": "20.10.24"}, "")],
    ids=["plugin missing", "plugin there", "built in"],
)
def test_a_client_that_lacks_its_buildkit_plugin_builds_without(make_image, tmp_path, client, buildkit):
    assert make_image(clients={"docker": client}).returncode == 0
    assert (tmp_path / "buildkit").read_text().splitlines()[-1] == buildkit


def test_a_build_that_fails_is_one_sentence_below_the_engines_words(make_image):
    done = make_image(clients={"docker": {"info": ";; build) echo 'no space left' >&2; exit 1"}})
    assert done.returncode == 2
    assert "no space left" in done.stderr
    assert done.stderr.splitlines()[-1] == "bentoml containerize failed; what was said is above."


def test_the_revision_is_the_commit_and_says_when_files_differ_from_it(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
        done = subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    assert revision(tmp_path) == "unknown"
    git("init", "--quiet")
    (tmp_path / "file").write_text("1")
    git("add", "--all")
    git("commit", "--quiet", "--message", "x")
    assert revision(tmp_path) == git("rev-parse", "HEAD")
    (tmp_path / "file").write_text("2")
    assert revision(tmp_path) == f"{git('rev-parse', 'HEAD')}-dirty"
