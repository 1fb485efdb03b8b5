"""The engine that the tests start themselves leaves nothing behind, whatever is killed."""

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.support.image.private_engine import remove_leftovers

ROOT = Path(__file__).parent.parent.parent
START = """
from tests.support.image.private_engine import private_engine
with private_engine() as engine:
    print(engine.folder, flush=True)
    input()
"""


@contextmanager
def started():
    """Start an engine in a process of its own and yield that and the engine's folder."""
    command = [sys.executable, "-c", START]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as tests:
        try:
            yield tests, Path(tests.stdout.readline().strip())
        finally:
            tests.kill()


def processes_of(folder):
    """Return the running processes that were started with this folder's name."""
    running = psutil.process_iter(["cmdline", "status"])
    return [process for process in running if str(folder) in " ".join(process.info["cmdline"] or [])]


def control_groups_of(folder):
    """Return the control groups that bear this folder's name."""
    return [*Path("/sys/fs/cgroup").glob(folder.name), *Path("/sys/fs/cgroup").glob(f"*/{folder.name}")]


def wait_until_gone(folder):
    """Return once no process of the engine runs."""
    deadline = time.monotonic() + 20
    while processes_of(folder):
        assert time.monotonic() < deadline, processes_of(folder)
        time.sleep(0.05)


def test_after_the_tests_were_killed_nothing_runs_and_the_next_engine_removes_the_files():
    with started() as (tests, folder):
        assert processes_of(folder)
        tests.kill()
        wait_until_gone(folder)
    remove_leftovers()
    assert not folder.exists()
    assert not control_groups_of(folder)


def test_after_the_engine_was_killed_nothing_is_left():
    with started() as (tests, folder):
        (engine,) = (process for process in processes_of(folder) if process.info["cmdline"][0] == "dockerd")
        engine.kill()
        tests.communicate("\n", timeout=30)
    assert not processes_of(folder)
    assert not folder.exists()
    assert not control_groups_of(folder)
