"""How the workers of one server know each other's counts."""

import asyncio
import contextlib
import json
import os
import resource
import shutil
import socket
import stat
import threading
import time
import warnings
from pathlib import Path

import msgspec
import pytest

from forest_serving.monitoring.counts import Counts, Piece, empty, row_bounds
from forest_serving.monitoring.exposition import Exposition
from forest_serving.monitoring.snapshots import FLUSH_S
from tests.monitoring.monitors import CHURN, IRIS, RENT, monitor, replied, tell


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


def test_what_a_regressor_s_workers_predicted_is_added_up(tmp_path):
    one, other = monitor(RENT, tmp_path), monitor(RENT, tmp_path)
    asyncio.run(tell(one, replied(asked=([[3.0, 80.0]], [1250.5]))))
    asyncio.run(tell(other, replied(asked=([[1.0, 20.0], [9.0, 99.0]], [400.0, 0.25]))))
    other.write()
    counts = one.read()
    assert (counts.predicted_sum, counts.rows[-1]) == (1650.75, 3)


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


@pytest.fixture
def hung_disk(monkeypatch):
    """Stand for a disk that does not answer: the system calls that tests name wait until the test is over."""
    over = threading.Event()

    def hang(name):
        monkeypatch.setattr(os, name, lambda *arguments, **options: over.wait(60))

    yield hang
    over.set()


def test_a_disk_that_hangs_makes_no_request_wait(tmp_path, hung_disk):
    watching = monitor(CHURN, tmp_path)
    hung_disk("replace")

    async def requests():
        await tell(watching, replied())
        await asyncio.sleep(2 * FLUSH_S)
        await tell(watching, replied(asked=([[1.0, 2.0]], [1])))

    asyncio.run(requests())
    assert watching.read().predictions == [0, 1]


def test_a_disk_that_hangs_makes_neither_metrics_nor_the_end_wait_for_long(tmp_path, hung_disk):
    """The counts of others are those of the last look."""
    watching, other = monitor(CHURN, tmp_path), monitor(CHURN, tmp_path)
    asked(other, 2)
    assert watching.read().predictions == [0, 2]
    hung_disk("listdir")
    hung_disk("replace")
    started = time.monotonic()
    asked(watching, 1)
    assert [watching.read().predictions for _ in range(20)] == [[0, 3]] * 20
    assert time.monotonic() - started < 5


def descriptors_used_up():
    """Open files until no more can be opened; return them."""
    opened = []
    with contextlib.suppress(OSError):
        while True:
            opened.append(os.open("/", os.O_RDONLY))
    return opened


def test_without_a_free_descriptor_counts_lag_and_never_fall(tmp_path):
    watching, other = monitor(CHURN, tmp_path), monitor(CHURN, tmp_path)
    asked(other, 2)
    asked(watching, 1)
    assert watching.read().predictions == [0, 3]
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
    opened = descriptors_used_up()
    try:
        watching.write()
        found = watching.read().predictions
    finally:
        for descriptor in opened:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert found == [0, 3]


def test_counts_of_a_folder_that_was_removed_are_kept_and_it_comes_back(tmp_path):
    folder = tmp_path / "counts"
    folder.mkdir()
    watching, other = monitor(CHURN, folder), monitor(CHURN, folder)
    asked(other, 2)
    assert watching.read().predictions == [0, 2]
    shutil.rmtree(folder)
    asked(watching, 1)
    assert watching.read().predictions == [0, 3]
    assert [stat.S_IMODE(folder.stat().st_mode), len(list(folder.iterdir()))] == [0o700, 1]


def test_a_dead_worker_s_requests_are_no_longer_in_progress_even_if_its_pid_is_somebody_else_s(tmp_path):
    watching = monitor(CHURN, tmp_path)
    asked(watching, 1)
    (ours,) = tmp_path.iterdir()
    counts = json.loads(ours.read_bytes()) | {"n_in_progress": 3}
    (tmp_path / f"{watching.snapshots.prefix}1-0123abcd.json").write_text(json.dumps(counts))
    found = watching.read()
    assert (found.predictions, found.n_in_progress) == ([0, 2], 0)


GOOD = Counts([0, 1], [0, 0], empty(row_bounds(16)))
FOREIGN = {
    "truncated": msgspec.json.encode(GOOD)[:-5],
    "empty": b"",
    "of another model": msgspec.json.encode(Counts([0, 1, 2], [0] * 4, empty(row_bounds(16)))),
    "of another version": msgspec.json.encode(
        msgspec.structs.replace(GOOD, durations_s={"/predict": {200: [1.0, 2.0]}}),
    ),
    "of numbers that no float holds": msgspec.json.encode(GOOD).replace(b"[0,1]", b"[0,1" + b"0" * 400 + b"]"),
    "of a status that is none": msgspec.json.encode(GOOD).replace(b'"durations_s":{', b'"durations_s":{"/":{"7":[]}'),
    "nested": b"[" * 100_000,
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_file_with_anything_in_it_is_left_out(tmp_path, content):
    watching = monitor(CHURN, tmp_path)
    assert len(GOOD.rows) == len(watching.counts.rows)
    (tmp_path / f"{watching.snapshots.prefix}1-0123abcd.json").write_bytes(content)
    asked(watching, 1)
    assert watching.read().predictions == [0, 1]


@pytest.mark.parametrize(
    "put",
    [
        os.mkfifo,
        Path.mkdir,
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.symlink_to(path),
        lambda path: (path.touch(), os.truncate(path, 2**40)),
        lambda path: socket.socket(socket.AF_UNIX).bind(str(path)),
    ],
    ids=["fifo", "folder", "link", "loop", "huge", "socket"],
)
def test_whatever_is_in_the_folder_neither_fails_nor_hangs(tmp_path, monkeypatch, put):
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    watching = monitor(CHURN, tmp_path)
    metrics = Exposition(CHURN, {}, {}, watching.read, tmp_path)
    for name in (f"{watching.snapshots.prefix}1-0123abcd.json", "counter_1.db", "gauge_x.db", "anything"):
        with warnings.catch_warnings(action="ignore"):
            put(Path(name))
    asked(watching, 1)
    assert b'forest_predictions_total{class="yes"} 1.0' in metrics.render()


def test_the_latest_rows_of_all_workers_are_told_one_by_one(tmp_path):
    """They are of different times, and so are not added up."""
    one, other = monitor(CHURN, tmp_path), monitor(CHURN, tmp_path)
    for watching, end_s in ((one, 1.0), (other, 2.0)):
        watching.counts.pieces.append(Piece(end_s, 100, [60, 40]))
        watching.write()
    assert sorted(piece.end_s for piece in one.read().pieces) == [1, 2]
