"""tools/setup.sh makes its environment where nothing is, or an environment; whatever else stands there stays."""

import os
import subprocess
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Stands for Python: new enough, and without the module that makes environments.
STUB = """#!/bin/sh
case "$1$2" in -mvenv) echo "would empty $4"; exit 1 ;; esac
"""


@pytest.fixture
def place(tmp_path):
    """Return a folder with what people keep beside an environment."""
    place = tmp_path / "place"
    (place / "work").mkdir(parents=True)
    for file in ("mine.py", "env.log", "work/mine.py"):
        (place / file).write_text("mine")
    for env in ("env", "mixed", "spaced env"):
        venv.create(place / env, symlinks=True)
    (place / "mixed" / "src").mkdir()
    (place / "broken").mkdir()
    (place / "empty").mkdir()
    (place / "link").symlink_to("env")
    (place / "dangling").symlink_to("nowhere")
    venv.create(tmp_path, symlinks=True)  # in a parent, as "python -m venv ." makes it
    venv.create(place / "work", symlinks=True)
    (place / "broken" / "pyvenv.cfg").mkdir()
    return place


def everything(folder):
    """Return each path below a folder, and what the files hold."""
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def set_up(place, name):
    """Run the script there; return its exit code and what it says is wrong."""
    stub = place / "stub"
    stub.write_text(STUB)
    stub.chmod(0o755)
    command = ["sh", ROOT / "tools" / "setup.sh", name, "requirements-dev.txt", stub]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=20)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "names no folder"),
        ("/", "names no folder"),
        (".", "is no name for a folder of its own"),
        ("..", "is no name for a folder of its own"),
        ("link/.", "is no name for a folder of its own"),
        ("env/..", "is no name for a folder of its own"),
        ("--help", "is no name for a folder of its own"),
        ("link", "is a link"),
        ("link/", "is a link"),
        ("dangling", "is a link"),
        ("mine.py", "is a file"),
        ("../place", "is a folder that is no environment"),
        ("broken", "is a folder that is no environment"),
        ("mixed", 'holds "src", which is no part of an environment'),
        ("work", 'holds "mine.py", which is no part of an environment'),
        ("../../{parent}", 'holds "place", which is no part of an environment'),
    ],
)
def test_what_is_no_environment_is_left_alone(place, name, why):
    set_up(place, "env/..")  # writes the stub
    before = everything(place.parent)
    name = name.format(parent=place.parent.name)
    code, said = set_up(place, name)
    assert (code, said.count("\n")) == (2, 1)
    assert f"VENV={name.rstrip('/')} {why}, so nothing was touched." in said
    assert everything(place.parent) == before


def test_an_environment_that_holds_the_working_folder_is_left_alone(place):
    """As one that lies in a folder of an environment's own."""
    inside = place / "env" / "lib" / "project"
    inside.mkdir()
    code, said = set_up(inside, "../../../env")
    assert code == 2
    assert "holds this very folder" in said


@pytest.mark.parametrize("name", ["new", "env", "env//", "empty", "spaced env", "{place}/env", "work/../env"])
def test_an_environment_or_nothing_is_made_anew(place, name):
    name = name.format(place=place)
    code, said = set_up(place, name)
    assert code == 2
    assert f"cannot create {name.rstrip('/')}: would empty {name.rstrip('/')}" in said


def test_a_file_that_is_called_like_an_environments_log_stays(place):
    set_up(place, "env")
    assert (place / "env.log").read_text() == "mine"


@pytest.mark.parametrize("name", ["", "my env", ". .."])
def test_make_takes_one_folder_without_spaces(tmp_path, name):
    """Make would take each word for a folder, and the empty name for the root of all."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", f"VENV={name}", "setup"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 2
    assert "VENV must be the path of one folder, without spaces, such as VENV=.venv" in done.stderr
