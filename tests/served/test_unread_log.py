"""A server whose log nobody reads answers, tells that lines are lost, and stops."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest
import requests

from tests.served.test_metrics import metrics, poll, value
from tests.support import wire
from tests.support.servers import ROOT, copy_of_store, environment, free_port
from tests.support.workers import workers_of

ROW = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
QUEUE_LINES = 12_000  # of a refusal's length: more than pipe and queue hold
UNPARSABLE = b"NONSENSE\r\n\r\n"


@contextlib.contextmanager
def unread(home, **variables):
    """Run a server whose stdout and stderr are a pipe; yield the process, its URL and the reading end."""
    reading, writing = os.pipe()
    port = free_port()
    command = [sys.executable, "-m", "bentoml", "serve", "--host", "127.0.0.1", "--port", str(port)]
    env = environment(home, **variables)
    server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=writing, stderr=writing, start_new_session=True)
    os.close(writing)
    url = f"http://127.0.0.1:{port}"
    try:
        poll(lambda: requests.get(f"{url}/readyz", timeout=2).ok, timeout_s=60)
        yield server, url, reading
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        os.close(reading)


def refuse(url, n_requests):
    """Have many requests refused on one connection, one after another, so that a lane may answer them."""
    with wire.connect(url) as sock:
        for _ in range(n_requests):
            sock.sendall(wire.request(b"{"))
            assert sock.recv(65_536).startswith(b"HTTP/1.1 400 ")


def check_answers(url):
    """Ask for health and for a prediction; each must come soon."""
    assert requests.get(f"{url}/livez", timeout=5).ok
    assert requests.post(f"{url}/predict", json=ROW, timeout=5).json() == {"predictions": [0]}


def check_stops(server):
    started = time.monotonic()
    server.send_signal(signal.SIGTERM)
    assert server.wait(30) == 0
    assert time.monotonic() - started < 10  # it drains for no time


@pytest.fixture
def home(bentoml_home, tmp_path):
    return copy_of_store(bentoml_home, tmp_path)


@pytest.mark.parametrize("access_log", ["false", "true"])
def test_it_answers_after_thousands_of_refusals_and_stops(home, way, access_log):
    with unread(home, FOREST_ACCESS_LOG=access_log, **way) as (server, url, _):
        refuse(url, QUEUE_LINES)
        for _ in range(500):
            assert wire.ask(url, UNPARSABLE)[0].status == 400
        check_answers(url)
        check_stops(server)


def test_what_is_lost_is_told_as_a_metric_and_in_the_log(home, way):
    with unread(home, FOREST_ACCESS_LOG="true", **way) as (server, url, reading):
        refuse(url, QUEUE_LINES)
        poll(lambda: value(metrics(url), "forest_log_lines_dropped_total") > 0)
        with os.fdopen(reading, "rb", closefd=False) as log:
            told = next(line for line in log if b'"lost"' in line)
            assert b"lines of this log are lost" in told
            requests.get(f"{url}/after", timeout=5)
            assert next(line for line in log if b"/after" in line)
            check_stops(server)


def test_a_flood_of_refusals_fills_no_disk(home, way):
    """Each kind is a few lines and a sum, those of requests that cannot be parsed too."""
    with unread(home, **way) as (server, url, reading):
        refuse(url, QUEUE_LINES)
        for _ in range(1_000):
            wire.ask(url, UNPARSABLE)
        check_stops(server)
        with os.fdopen(reading, "rb", closefd=False) as log:
            lines = log.read().splitlines()
    assert len(lines) < 2_000
    assert any(b'"suppressed"' in line for line in lines)


def test_a_worker_that_dies_is_replaced(home):
    """Supervisor and new worker write to the same full pipe."""
    with unread(home, FOREST_ACCESS_LOG="true") as (server, url, _):
        refuse(url, QUEUE_LINES)
        (worker,) = workers_of(url)
        worker.kill()
        worker.wait(20)
        poll(lambda: requests.get(f"{url}/livez", timeout=2).ok)
        check_answers(url)
        check_stops(server)
