"""Stopping: what a server does between the signal and its end."""

import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from tests.support import whole
from tests.support.proxies import read_all
from tests.support.servers import ROOT, copy_of_store, environment, free_port, stop, wait_until_ready
from tests.support.wire import GOOD, connect

ROWS = {"instances": [[5.1, 3.5, 1.4, 0.2]]}


@contextmanager
def started(home, drain_s, **way):
    """Start a server and yield its process and URL."""
    port = free_port()
    command = [sys.executable, "-m", "bentoml", "serve", "--host", "127.0.0.1", "--port", str(port)]
    log = home / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(home, FOREST_DRAIN_S=drain_s, **way),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield server, wait_until_ready(server, f"http://127.0.0.1:{port}", log)
    finally:
        stop(server)


@pytest.fixture
def home(bentoml_home, tmp_path):
    return copy_of_store(bentoml_home, tmp_path)


def test_after_sigterm_it_is_not_ready_but_answers_until_the_drain_is_over(home, way):
    with started(home, "2", **way) as (server, url), whole.Session() as session:
        session.post(f"{url}/predict", json=ROWS, timeout=5)
        server.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        while (ready := whole.get(f"{url}/readyz", timeout=5)).ok:
            assert time.monotonic() < begun + 1
        assert (ready.status_code, ready.headers["Retry-After"]) == (503, "1")
        assert whole.get(f"{url}/v1/models/iris", timeout=5).status_code == 503
        while time.monotonic() < begun + 1.5:
            reply = session.post(f"{url}/predict", json=ROWS, timeout=5)
            assert (reply.json(), reply.headers["Connection"]) == ({"predictions": [0]}, "close")
        with connect(url) as sock:
            sock.sendall(GOOD)
            assert read_all(sock).count(b"\r\nconnection: close\r\n") == 1  # and there is an end to read to
        assert server.wait(timeout=30) == 0
        assert time.monotonic() >= begun + 2


def test_ctrl_c_does_not_wait_for_the_drain(home):
    with started(home, "20") as (server, _):
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=15) == 0
    assert "Traceback" not in (home / "server.log").read_text()
