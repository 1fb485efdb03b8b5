"""What the metrics and the log promise beyond what a running server shows."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from forest_serving.http.gateway import Reply
from forest_serving.monitoring import logs
from forest_serving.monitoring.counts import Counts
from forest_serving.monitoring.exposition import Exposition, Labels
from forest_serving.monitoring.monitor import Monitor
from forest_serving.monitoring.snapshots import FLUSH_S, Snapshots
from forest_serving.settings import read_settings

LABELS = Labels("forest", {"service_name": "x"}, ["a", "b"], ["width"], {"tag": "x:1"})
SCOPE = {"method": "POST", "path": "/predict", "client": ("127.0.0.1", 1)}


def monitor(folder, **environ):
    """Return a monitor of a model with two classes and one feature."""
    return Monitor(Snapshots(Counts([0, 0], [0]), folder), [[0.0, 1.0]], read_settings(environ))


async def answer(watching, duration_s):
    """Tell a monitor of one good request."""
    watching.answered(SCOPE, "/predict", Reply(200, b"", b""), b"id", duration_s)


def test_metrics_that_others_count_with_prometheus_client_are_shown_too(tmp_path):
    count = "from prometheus_client import Counter; Counter('mine', 'Of somebody else.').inc(3)"
    environ = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", count], env=environ, check=True, timeout=60)
    text = Exposition(LABELS, lambda: Counts([0, 0], [0]), str(tmp_path)).render().decode()
    assert "mine_total 3.0" in text
    assert 'forest_predictions_total{class="a"} 0.0' in text


def test_counts_that_cannot_be_written_are_kept_and_requests_go_on(tmp_path):
    watching = monitor(tmp_path / "gone")
    asyncio.run(answer(watching, 0.001))
    watching.write()
    assert sum(watching.read()[0].durations_s["/predict"][200][:-1]) == 1


def test_a_disk_that_hangs_makes_no_request_wait(tmp_path):
    """A pipe that nobody reads stands for the disk: to write there waits."""
    watching, went_on = monitor(tmp_path), threading.Event()
    pipe = watching.snapshots.path.with_suffix(".new")
    os.mkfifo(pipe)

    async def requests():
        await answer(watching, 0.001)
        await asyncio.sleep(2 * FLUSH_S)
        went_on.set()

    with ThreadPoolExecutor(1) as reader:
        reading = reader.submit(lambda: (went_on.wait(10), pipe.read_bytes()))
        asyncio.run(requests())
    was_not_kept_waiting, written = reading.result()
    assert was_not_kept_waiting
    assert sum(json.loads(written)["durations_s"]["/predict"]["200"][:-1]) == 1


@pytest.mark.parametrize(("duration_s", "lines"), [(0.4, 0), (0.6, 1)])
def test_a_request_is_logged_if_it_was_slow(capsys, monkeypatch, duration_s, lines):
    monkeypatch.setattr(logs.REQUESTS, "handlers", [])
    logs.set_up()
    asyncio.run(answer(monitor(None, FOREST_SLOW_REQUEST_S="0.5"), duration_s))
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["duration_s"] for line in logged] == [duration_s] * lines
