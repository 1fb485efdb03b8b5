"""A server's own folder: private, gone with its server, and left alone by others while that lives."""

import contextlib
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from forest_serving.monitoring import server_folder
from tests.support.servers import ROOT

SERVER = """
import sys
from forest_serving.monitoring.server_folder import make_server_folder
print(make_server_folder(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def start(tmp_path):
    """Return a function that starts a process which makes a folder of its own."""
    with contextlib.ExitStack() as all_of_them:

        def start_one():
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            command = [sys.executable, "-c", SERVER]
            process = subprocess.Popen(command, cwd=ROOT, env={"TMPDIR": str(tmp_path)}, **pipes)
            all_of_them.enter_context(process)  # waits for it, at last
            all_of_them.callback(process.kill)
            return process

        yield start_one


def folder_of(process):
    """Return the folder, once it is made."""
    return Path(process.stdout.readline().strip())


def end(process, how):
    """End a process by closing its input, or by a signal."""
    if how == "exit":
        process.stdin.close()
    else:
        process.send_signal(how)
    process.wait(20)


def test_only_its_user_can_enter_it(start):
    assert stat.S_IMODE(folder_of(start()).stat().st_mode) == 0o700


def test_another_server_s_start_and_end_leave_it_alone(start):
    folder = folder_of(start())
    (folder / "counts").touch()
    other = start()
    others = folder_of(other)
    end(other, "exit")
    assert (folder / "counts").exists()
    assert not others.exists()


def test_what_a_killed_server_leaves_goes_when_the_next_one_starts(start):
    killed = start()
    left = folder_of(killed)
    (left / "counts").touch()
    end(killed, signal.SIGKILL)
    assert left.exists()
    assert folder_of(start()).exists()
    assert not left.exists()


@pytest.mark.parametrize("put", [Path.touch, lambda path: path.symlink_to("."), lambda path: path.symlink_to(path)])
def test_what_only_has_such_a_name_is_left_alone(start, tmp_path, put):
    path = tmp_path / f"{server_folder.PREFIX}strange"
    put(path)
    assert folder_of(start()).exists()
    assert path.is_symlink() or path.exists()


def test_many_that_start_at_once_take_nothing_from_one_another(start):
    folders = [folder_of(process) for process in [start() for _ in range(8)]]
    assert all(folder.exists() for folder in folders)
