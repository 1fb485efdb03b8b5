"""How the workers of one server know each other's counts."""

import asyncio
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

from forest_serving.monitoring.snapshots import FLUSH_S
from tests.monitoring.monitors import CHURN, IRIS, monitor, replied, tell


def asked(watching, n_requests):
    """Tell a monitor of requests for one row each, and write what it counted."""
    asyncio.run(tell(watching, *[replied(asked=([[1.0, 2.0]], [1]))] * n_requests))
    watching.write()


def test_any_worker_tells_the_counts_of_all(tmp_path):
    """And a worker that has died leaves what it counted."""
    one, other = monitor(CHURN, tmp_path), monitor(CHURN, tmp_path)
    asked(one, 3)
    asked(other, 4)
    counts = one.read()
    assert counts.predictions == [0, 7]
    assert sum(counts.durations_s["/predict"][200][:-1]) == sum(counts.rows[:-1]) == 7


def test_another_server_s_counts_are_its_own(tmp_path, monkeypatch):
    """Servers on one store have one folder; they may serve different models."""
    watching = monitor(CHURN, tmp_path)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(os, "getppid", lambda: 1)
        monitor(IRIS, tmp_path).write()
    asked(watching, 2)
    assert watching.read().predictions == [0, 2]


def test_counts_that_cannot_be_written_are_kept_and_requests_go_on(tmp_path):
    watching = monitor(CHURN, tmp_path / "gone")
    asked(watching, 1)
    assert watching.read().predictions == [0, 1]


def test_a_file_that_cannot_be_read_is_left_out(tmp_path):
    watching = monitor(CHURN, tmp_path)
    (tmp_path / f"{watching.snapshots.prefix}1-x.json").write_text('{"predictions"')
    asked(watching, 1)
    assert watching.read().predictions == [0, 1]


def test_a_disk_that_hangs_makes_no_request_wait(tmp_path):
    """A pipe that nobody reads stands for the disk: to write there waits."""
    watching, went_on = monitor(CHURN, tmp_path), threading.Event()
    pipe = watching.snapshots.path.with_suffix(".new")
    os.mkfifo(pipe)

    async def requests():
        await tell(watching, replied())
        await asyncio.sleep(2 * FLUSH_S)
        went_on.set()

    with ThreadPoolExecutor(1) as reader:
        reading = reader.submit(lambda: (went_on.wait(10), pipe.read_bytes()))
        asyncio.run(requests())
    was_not_kept_waiting, written = reading.result()
    assert was_not_kept_waiting
    assert sum(json.loads(written)["durations_s"]["/predict"]["200"][:-1]) == 1
