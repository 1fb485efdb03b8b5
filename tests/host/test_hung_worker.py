"""A worker that hangs is killed and replaced after 30 seconds; one that lives is not, however long all stood still."""

import os
import re
import signal
import time

import psutil
import pytest
from circus.process import Process

from forest_serving.host import signs_of_life
from forest_serving.host.watching import HUNG_S, LOOK_S, Watch
from tests.support.models import save_in
from tests.support.supervised import alive, stop_for_good, supervised, wait_for

LOOKS = int(HUNG_S / LOOK_S)
SLOW_MACHINE_S = 60


def test_a_worker_that_stands_still_is_replaced_and_the_log_says_so(tmp_path):
    """With one worker: clients that connect meanwhile wait, and are answered by the next."""
    save_in(tmp_path, "wine", "wine")
    with supervised(tmp_path, FOREST_MODEL="wine") as server:
        (hung,) = server.workers()
        stop_for_good(hung)
        wait_for(lambda: server.workers() and hung not in server.workers(), HUNG_S + SLOW_MACHINE_S)
        assert server.is_ready()
        lines = re.findall(f"Worker {hung.pid} gave no sign of life for 30 seconds.*$", server.log.read_text(), re.M)
        assert lines == [
            f"Worker {hung.pid} gave no sign of life for 30 seconds, so it was killed; another takes its place."
        ]


@pytest.fixture
def watch(monkeypatch):
    """Return a supervisor's watch; this process may give it signs."""
    monkeypatch.setenv(signs_of_life.VARIABLE, "")
    return Watch(drain_s=0)


@pytest.fixture
def sleeper():
    """Yield a process as Circus starts them."""
    process = Process("sleeper", 1, "sleep 100", pipe_stdout=False, pipe_stderr=False)
    yield process
    if alive(psutil.Process(process.pid)):
        process.send_signal(signal.SIGKILL)
    process.wait()


def say(process, is_serving=True):
    """Give a sign of life in the name of a process."""
    os.write(int(os.environ[signs_of_life.VARIABLE]), signs_of_life._FORMAT.pack(process.pid, is_serving))


def look(watch, process, n_times):
    """Look at a process a number of times; return whether it is there still."""
    for _ in range(n_times):
        watch.look({process.pid: process})
    time.sleep(0.1)  # a kill takes a moment
    return alive(psutil.Process(process.pid))


def test_a_worker_that_gives_signs_of_life_stays(watch, sleeper):
    for _ in range(3):
        say(sleeper)
        assert look(watch, sleeper, LOOKS)


@pytest.mark.parametrize("is_serving", [True, False])
def test_a_worker_that_gives_no_more_signs_is_killed(watch, sleeper, is_serving):
    """Also one that only starts: a thread gives signs then, so its model may take as long as it likes."""
    say(sleeper, is_serving)
    assert not look(watch, sleeper, LOOKS + 2)


def test_a_worker_that_never_gave_a_sign_stays(watch, sleeper):
    """Python may be slow to start; and BentoML may serve services here that know nothing of signs."""
    assert look(watch, sleeper, 10 * LOOKS)


def test_time_in_which_all_stands_still_does_not_count(watch, sleeper):
    """A laptop that sleeps, a container that is paused: the watch counts its own looks, and never reads a clock."""
    say(sleeper)
    assert look(watch, sleeper, LOOKS - 1)
    time.sleep(LOOK_S * 3)
    assert look(watch, sleeper, 1)


def test_a_full_pipe_never_makes_a_worker_wait(watch, sleeper):
    """As when the supervisor is stopped."""
    for _ in range(2**16 // signs_of_life._FORMAT.size + 10):
        signs_of_life.send(is_serving=True)
    assert len(list(signs_of_life.read(watch._signs))) == 2**16 // signs_of_life._FORMAT.size
