"""Servers whose processes tests kill, stop or starve."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import requests

from tests.support.servers import ROOT, environment, free_port, wait_until_ready
from tests.support.workers import is_worker


def wait_for(holds, seconds=60):
    """Return once something holds; fail if it does not soon enough."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Supervised:
    """A server: its supervisor's process, URL, port, log, and the workers that it has."""

    def __init__(self, supervisor, port, log):
        self.supervisor = supervisor
        self.port, self.url, self.log = port, f"http://127.0.0.1:{port}", log
        self.everybody = {}

    def workers(self):
        """Return its worker processes, also those that are only starting."""
        with contextlib.suppress(psutil.NoSuchProcess):
            found = psutil.Process(self.supervisor.pid).children()
            self.everybody |= {process.pid: process for process in found}
            return [process for process in found if is_worker(process)]
        return []

    def is_ready(self):
        """Return whether it answers somebody new, however long that takes."""
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(f"{self.url}/readyz", timeout=60).ok
        return False

    def has_ended(self):
        """Return whether none of its processes is left."""
        return self.supervisor.poll() is not None and not any(alive(each) for each in self.everybody.values())

    def ends_within(self, seconds):
        """Return its exit code, or fail if any of its processes is there for longer."""
        self.workers()
        begun = time.monotonic()
        while not self.has_ended():
            assert time.monotonic() < begun + seconds, [each for each in self.everybody.values() if alive(each)]
            time.sleep(0.05)
        return self.supervisor.returncode

    def clean_up(self):
        """Kill all of its processes."""
        self.workers()
        for process in [*self.everybody.values(), psutil.Process(self.supervisor.pid)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.supervisor.wait()


def alive(process):
    """Return whether a process is there, and more than a zombie."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


@contextlib.contextmanager
def supervised(  # noqa: PLR0913, PLR0917 - each is another thing that a test varies
    home, n_workers=1, port=None, output=None, ready=True, cwd=ROOT, **variables
):
    """Run "bentoml serve", and yield it once all of its workers are ready; kill what is left of it at the end.

    Args:
        home: BentoML's.
        n_workers: how many.
        port: where; by default on a free one.
        output: a descriptor for what it prints; by default it goes to server.log in its home.
        ready: whether to wait.
        cwd: the folder that is served.
        variables: settings.
    """
    port, log = port or free_port(), Path(home) / "server.log"
    command = [sys.executable, "-m", "bentoml", "serve", "--host", "127.0.0.1", "--port", str(port)]
    env = environment(home, BENTOML_CONFIG_OPTIONS=f"services.IrisClassifier.workers={n_workers}", **variables)
    with log.open("w") as file:
        streams = {"stdout": output or file, "stderr": output or file}
        server = Supervised(subprocess.Popen(command, cwd=cwd, env=env, start_new_session=True, **streams), port, log)
    try:
        if ready:
            wait_until_ready(server.supervisor, server.url, log)
            wait_for(lambda: sum(listens(worker, port) for worker in server.workers()) == n_workers)
            if output is None:
                wait_for(lambda: log.read_text().count("Completed startup hook") == n_workers)
        yield server
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            server.clean_up()


def listens(worker, port):
    """Return whether a worker listens on a port."""
    with contextlib.suppress(psutil.Error):
        return any(entry.laddr.port == port for entry in worker.net_connections(kind="tcp"))
    return False


def stop_for_good(process):
    """Stop a process with SIGSTOP, and return once it stands still."""
    os.kill(process.pid, signal.SIGSTOP)
    wait_for(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED)
