"""What workers take of their machine: processor time that is never forgotten, memory and number of those that live."""

import os
import subprocess
import sys

import msgspec
import psutil
import pytest

from forest_serving.monitoring.exposition import Exposition
from tests.monitoring.monitors import IRIS, monitor
from tests.monitoring.test_exposition import samples

TIME, MEMORY, WORKERS = ("forest_worker_cpu_seconds_total",), ("forest_worker_memory_bytes",), ("forest_workers",)


def told(watching):
    """Return what a worker's metrics say."""
    return samples(Exposition(IRIS, {}, {}, watching.read, None).render())


@pytest.fixture
def beside_a_dead_one(tmp_path):
    """Return a worker's monitor, and the counts that one that has died left for it."""
    dead = monitor(folder=tmp_path).read()
    dead.cpu_s = 1_000.0
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    (tmp_path / f"forest-{os.getppid()}-{child.pid}-01234567.json").write_bytes(msgspec.json.encode(dead))
    return monitor(folder=tmp_path)


def test_a_worker_tells_its_own_process():
    took = psutil.Process().cpu_times()
    found = told(monitor())
    assert found[WORKERS] == 1
    assert found[TIME] == pytest.approx(took.user + took.system, abs=1)
    assert found[MEMORY] == pytest.approx(psutil.Process().memory_info().rss, rel=0.2)


def test_processor_time_of_a_dead_worker_stays_so_that_the_sum_never_falls(beside_a_dead_one):
    assert told(beside_a_dead_one)[TIME] > 1_000


def test_a_dead_worker_is_no_worker_and_has_no_memory(beside_a_dead_one):
    found = told(beside_a_dead_one)
    assert found[WORKERS] == 1
    assert found[MEMORY] == pytest.approx(psutil.Process().memory_info().rss, rel=0.2)
