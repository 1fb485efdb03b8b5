"""SIGTERM ends a server within the drain and five seconds, whatever hangs: log, disk, a worker, the supervisor."""

import os
import signal
import time

import pytest
import requests

from tests.support.servers import ROOT, copy_of_store
from tests.support.supervised import alive, stop_for_good, supervised, wait_for

DRAIN_S = 1
LIMIT_S = DRAIN_S + 5
SLOW_MACHINE_S = 4
FULL_BYTES = 2**16
# Python imports a module of this name at every start.
BREAKER = "sitecustomize.py"
IN_WORKERS = "import sys, time\nif '_bentoml_impl.worker.service' in sys.orig_argv:\n"
HANGING_DISK = """\
    import os
    open_ = os.open
    def hang(path, *arguments, **options):
        if str(path).endswith(".new"):
            print("It hangs", file=sys.stderr, flush=True)
            time.sleep(1000)
        return open_(path, *arguments, **options)
    os.open = hang
"""
IN_SUPERVISOR = "import sys, time\nif sys.orig_argv[-1:] and 'serve' in sys.orig_argv:\n"
HANGING_SUPERVISOR = """\
    import signal
    def hang(number, frame):
        print("It hangs", file=sys.stderr, flush=True)
        time.sleep(1000)
    signal.signal(signal.SIGUSR2, hang)
"""
HANGING_HOOK = """\
    import bentoml
    import forest_serving.host.behind_gateway as ours
    def hang(service):
        time.sleep(1000)
    ours.Served.hang = bentoml.on_shutdown(hang)
    print("It hangs", file=sys.stderr, flush=True)
"""


@pytest.fixture
def home(bentoml_home, tmp_path):
    return copy_of_store(bentoml_home, tmp_path)


def end(server):
    """Send SIGTERM to a server's supervisor; fail unless all of it has ended in time."""
    server.workers()
    server.supervisor.send_signal(signal.SIGTERM)
    server.ends_within(LIMIT_S + SLOW_MACHINE_S)


def fill(descriptor):
    """Fill a pipe."""
    os.set_blocking(descriptor, False)
    try:
        while True:
            os.write(descriptor, b"x" * FULL_BYTES)
    except BlockingIOError:
        os.set_blocking(descriptor, True)


def test_a_server_ends_whose_log_nobody_reads(home):
    """Every line that its supervisor and workers write on their way out then waits for ever."""
    reading, writing = os.pipe()
    with supervised(home, 2, output=writing, FOREST_DRAIN_S=str(DRAIN_S)) as server:
        fill(writing)
        end(server)
    os.close(reading)
    os.close(writing)


def test_a_server_ends_whose_worker_stands_still(home):
    with supervised(home, 2, FOREST_DRAIN_S=str(DRAIN_S)) as server:
        stop_for_good(server.workers()[0])
        end(server)


def test_the_workers_end_of_a_server_whose_supervisor_stands_still(home):
    """SIGTERM reaches them where it is sent to all, as when a service manager stops a group."""
    with supervised(home, 2, FOREST_DRAIN_S=str(DRAIN_S)) as server:
        workers = server.workers()
        stop_for_good(server.supervisor)
        for worker in workers:
            worker.terminate()
        wait_for(lambda: not any(alive(worker) for worker in workers), LIMIT_S + SLOW_MACHINE_S)


def test_a_server_ends_whose_supervisor_hangs_and_leaves_no_folder_of_counts(home):
    (home / BREAKER).write_text(IN_SUPERVISOR + HANGING_SUPERVISOR)
    variables = {"PYTHONPATH": f"{home}:{ROOT}", "TMPDIR": str(home)}
    with supervised(home, 2, FOREST_DRAIN_S=str(DRAIN_S), **variables) as server:
        assert len(list(home.glob("forest-counts-*"))) == 1
        server.supervisor.send_signal(signal.SIGUSR2)
        wait_for(lambda: "It hangs" in server.log.read_text())
        end(server)
    assert list(home.glob("forest-counts-*")) == []


@pytest.mark.parametrize("breaker", [HANGING_DISK, HANGING_HOOK], ids=["disk", "its own hook"])
def test_a_server_ends_whose_worker_hangs_on_its_way_out(home, breaker):
    (home / BREAKER).write_text(IN_WORKERS + breaker)
    with supervised(home, FOREST_DRAIN_S=str(DRAIN_S), PYTHONPATH=f"{home}:{ROOT}") as server:
        requests.get(f"{server.url}/model", timeout=60)
        wait_for(lambda: "It hangs" in server.log.read_text())
        end(server)


def test_an_upload_that_still_arrives_when_the_drain_is_over_is_answered(home):
    """Nothing hangs, and a body may take its time (FOREST_BODY_TIMEOUT_S)."""
    with supervised(home, FOREST_DRAIN_S="0") as server:
        server.workers()

        def body():
            server.supervisor.send_signal(signal.SIGTERM)
            for part in (b'{"instances":', b"[[5.1,3.5,", b"1.4,0.2", b"]]}"):
                time.sleep(1.5)
                yield part

        reply = requests.post(f"{server.url}/predict", body(), headers={"Content-Type": "application/json"}, timeout=60)
        assert reply.json() == {"predictions": [0]}
        assert server.ends_within(LIMIT_S + SLOW_MACHINE_S) == 0
