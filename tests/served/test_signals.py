"""Signals to the supervisor: each ends the server, whatever it is at."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest
import requests

from tests.served.test_draining import started
from tests.support.servers import ROOT, copy_of_store, environment, free_port, stop, wait_until_ready

LONG_DRAIN_S = "20"


@pytest.fixture
def home(bentoml_home, tmp_path):
    return copy_of_store(bentoml_home, tmp_path)


@contextmanager
def starting(home, *prefix):
    """Start a server; yield its process and port at once."""
    port = free_port()
    command = [*prefix, sys.executable, "-m", "bentoml", "serve", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment(home), stdin=log, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield server, port
    finally:
        stop(server)


def test_sighup_ends_the_server_at_once(home):
    """It means that the terminal is gone. Circus would start the workers anew."""
    with started(home, LONG_DRAIN_S) as (server, _):
        server.send_signal(signal.SIGHUP)
        assert server.wait(timeout=15) == 0
    assert "Traceback" not in (home / "server.log").read_text()


def test_sigterm_after_sighup_ends_the_server(home):
    """Circus would be busy with new workers, and drop it."""
    with started(home, "0") as (server, _):
        server.send_signal(signal.SIGHUP)
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=15) == 0


def test_sigterm_is_not_lost_while_the_server_starts(home):
    """From the moment on at which its port is open, when Circus is busy with the first workers."""
    with starting(home) as (server, port):
        deadline = time.monotonic() + 60
        while True:
            with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                break
            assert time.monotonic() < deadline
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0


def test_nohup_keeps_the_server_when_the_terminal_goes(home):
    with starting(home, "nohup") as (server, port):
        url = wait_until_ready(server, f"http://127.0.0.1:{port}", home / "server.log")
        os.killpg(server.pid, signal.SIGHUP)
        server.send_signal(signal.SIGWINCH)  # which is handled after it, and does nothing
        for _ in range(20):
            assert requests.get(f"{url}/livez", timeout=5).ok
            time.sleep(0.05)
        assert server.poll() is None
