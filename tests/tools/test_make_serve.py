"""make serve, started in a terminal."""

import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.support.servers import ROOT, copy_of_store, environment, free_port

VENV = Path(sys.prefix)


class InTerminal:
    """make serve in a terminal of its own; attributes: server (psutil), port, terminal (a file descriptor)."""

    def __init__(self, home):
        self.port = free_port()
        self.terminal, inside = os.openpty()
        command = ["make", f"VENV={VENV}", f"--old-file={VENV}/.complete", "serve", f"PORT={self.port}"]
        self.make = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(home, FOREST_DRAIN_S="20"),
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - make is told when it closes
        )
        os.close(inside)
        self.output = self.read_until("Ctrl-C stops the server.")
        self.processes = psutil.Process(self.make.pid).children(recursive=True)

    def read_until(self, text):
        """Return what the terminal shows until it shows this."""
        shown, deadline = "", time.monotonic() + 60
        while text not in shown:
            assert time.monotonic() < deadline, shown
            if select.select([self.terminal], [], [], 1)[0]:
                shown += os.read(self.terminal, 10_000).decode()
        return shown

    def close(self):
        """Close the terminal's window."""
        os.close(self.terminal)
        self.terminal = None

    def has_ended(self):
        """Return whether make and all that it started end in time, and nothing listens any more."""
        self.make.wait(timeout=15)
        _, left = psutil.wait_procs(self.processes, timeout=15)
        with socket.socket() as probe:
            return not left and probe.connect_ex(("127.0.0.1", self.port)) != 0


@pytest.fixture
def served(bentoml_home, tmp_path):
    """Return make serve in a terminal, ready."""
    started = InTerminal(copy_of_store(bentoml_home, tmp_path))
    yield started
    for process in started.processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    if started.terminal is not None:
        started.close()
    started.make.kill()
    started.make.wait()


def test_it_ends_when_its_terminal_is_closed(served):
    """At once, as on Ctrl-C: the port is free when the next terminal wants it."""
    served.close()
    assert served.has_ended()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT], ids=["hang-up", "Ctrl-C"])
def test_it_ends_when_its_group_gets_a_signal(served, number):
    os.killpg(served.make.pid, number)
    assert served.has_ended()


def test_nothing_stands_between_make_and_the_server(served):
    """A process between them would have to pass each signal on, and leave the server behind if it were killed."""
    (server,) = psutil.Process(served.make.pid).children()
    assert server.cmdline()[1:4] == ["-m", "bentoml", "serve"]
