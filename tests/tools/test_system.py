"""tools/system.sh: it installs what is missing where it can, and otherwise says how to."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = "program-of-the-future"


@pytest.fixture
def run(tmp_path):
    """Return a function that runs system.sh where only these scripts, and what it needs itself, can be found."""

    def system(*programs, **scripts):
        for name in ("mktemp", "rm"):
            (tmp_path / name).symlink_to(shutil.which(name))
        for name, script in scripts.items():
            file = tmp_path / name.replace("_", "-")
            file.write_text(f"#!/bin/sh\n{script}\n")
            file.chmod(0o755)
        command, env = ["/bin/sh", "tools/system.sh", *programs], {"PATH": str(tmp_path), "TMPDIR": str(tmp_path)}
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=20)

    return system


def test_what_is_there_is_not_mentioned(run):
    done = run(PROGRAM, **{PROGRAM: ""})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "scripts", [{"id": "echo 1000", "apt_get": "exit 1"}, {"id": "echo 0"}], ids=["user", "no apt"]
)
def test_what_cannot_be_installed_is_one_sentence_with_the_command(run, scripts):
    done = run("rm", PROGRAM, **scripts)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"The tests need {PROGRAM}. Run: sudo apt-get install {PROGRAM} (Debian, Ubuntu) or: brew install {PROGRAM}\n"
    )


def test_root_on_debian_gets_it_installed(run, tmp_path):
    done = run(PROGRAM, id="echo 0", apt_get=f'echo "$@" >>{tmp_path}/calls')
    assert (done.returncode, done.stdout, done.stderr) == (0, f"installing {PROGRAM}\n", "")
    assert (tmp_path / "calls").read_text().splitlines() == ["update", f"install -y --no-install-recommends {PROGRAM}"]


def test_a_failed_installation_is_one_sentence(run):
    done = run(PROGRAM, id="echo 0", apt_get="echo no network >&2; exit 100")
    assert done.returncode == 2
    assert done.stderr.startswith(f"apt-get could not install {PROGRAM} (")
    assert len(done.stderr.splitlines()) == 1
