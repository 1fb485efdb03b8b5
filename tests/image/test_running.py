"""The image as a cluster with strict rules runs it: locked down, cut off, starting and stopping."""

import threading
import time

import pytest
import requests

from tests.support import servers
from tests.support.image.containers import HARDENED, ROWS, serving, started, wait_until

ROUNDS = 3
ASK = f"""
import urllib.request
request = urllib.request.Request("http://127.0.0.1:3000/predict", data=b'{str(ROWS).replace("'", '"')}')
print(urllib.request.urlopen(request, timeout=5).read().decode())
"""

LISTENING = """
import os, psutil
processes = [psutil.Process(1), *psutil.Process(1).children(recursive=True)]
found = [each for process in processes if process.pid != os.getpid() for each in process.net_connections(kind="all")]
ports = {each.laddr.port for each in found if each.family != 1 and not each.raddr}
print(*ports, {each.laddr for each in found if each.family == 1 and each.laddr})
"""
KILL_WORKER = "import psutil; [child.kill() for child in psutil.Process(1).children()]"


@pytest.fixture(scope="module")
def hardened(engine, image):
    with serving(engine, image, *HARDENED) as container:
        yield container


def test_it_answers_without_privileges_or_a_writable_file_system(hardened):
    assert hardened.predict().json() == {"predictions": [0]}
    status = hardened.exec("cat", "/proc/1/status")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert (fields["CapEff"], fields["CapBnd"], fields["NoNewPrivs"]) == ("0" * 16, "0" * 16, "1")
    assert fields["Uid"].split()[0] != "0"


def test_the_native_kernel_runs_in_it(hardened):
    assert requests.get(f"{hardened.url}/model", timeout=10).json()["walk"] == "native"


def test_it_stays_within_256_mb_whatever_it_is_sent(hardened):
    """The largest bodies that the limits allow, from 8 clients at once."""
    rows = '{"instances": [' + ",".join(["[5.1, 3.5, 1.4, 0.2]"] * 10_000) + "]}"

    def send():
        with requests.Session() as session:
            for _ in range(25):
                assert session.post(f"{hardened.url}/predict_proba", data=rows, timeout=60).status_code in (
                    200,
                    429,
                    503,
                )

    run_together([send] * 8)
    state = hardened.inspect()["State"]
    print(hardened.engine.run("stats", "--no-stream", "--format", "{{.MemUsage}}", hardened.name))
    assert (state["Running"], state["OOMKilled"]) == (True, False)
    assert hardened.predict().ok


def run_together(functions):
    """Run functions in threads, and raise the first of their exceptions."""
    failures = []

    def guarded(function):
        try:
            function()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not failures, failures[0]


@pytest.fixture(scope="module")
def cut_off(engine, image):
    """Return a container that listens as it does by default, in a network of its own without uplink."""
    with started(engine, image, *HARDENED, network="none", port=3000, BENTOML_HOST="") as container:
        wait_until(lambda: container.inspect()["State"]["Health"]["Status"] == "healthy", 60)
        yield container


def test_it_serves_in_a_network_without_uplink(cut_off):
    assert cut_off.exec("ls", "/sys/class/net").split() == ["lo"]
    assert cut_off.exec("python", "-c", ASK) == '{"predictions":[0]}'
    assert "rror" not in cut_off.logs()


def test_nothing_in_it_listens_but_its_port(cut_off):
    """Neither on a loopback address, TCP or UDP, nor on a Unix socket."""
    assert cut_off.exec("python", "-c", LISTENING) == "3000 set()"


def test_the_health_check_fails_while_the_server_does_not_answer(engine, image):
    with started(engine, image, command=["sleep", "60"]) as container:
        check = engine.attempt("exec", container.name, *container.inspect()["Config"]["Healthcheck"]["Test"][1:])
    assert (check.returncode, check.stdout + check.stderr) == (1, "")


def test_from_start_to_ready_takes_at_most_half_as_long_again_as_outside(engine, image, bentoml_home, tmp_path):
    """The best of three each, in turn, because a busy machine only ever adds to them."""
    home = servers.copy_of_store(bentoml_home, tmp_path)
    outside, within = [], []
    for _ in range(ROUNDS):
        begun = time.monotonic()
        with servers.serving(home=home):
            outside.append(time.monotonic() - begun)
        begun = time.monotonic()
        with serving(engine, image):
            within.append(time.monotonic() - begun)
    print(f"ready after {min(within):.2f} s, outside after {min(outside):.2f} s")
    assert min(within) <= 1.5 * min(outside)


def test_when_it_is_stopped_it_drains_loses_nothing_and_ends_with_code_0(engine, image):
    with serving(engine, image, *HARDENED, FOREST_DRAIN_S="2") as container:
        replies, stopped = [], threading.Event()

        def ask():
            with requests.Session() as session:
                while not stopped.is_set():
                    replies.append(container.predict(session).status_code)

        def stop():
            time.sleep(0.5)
            engine.run("kill", "--signal", "TERM", container.name)
            begun = time.monotonic()
            wait_until(lambda: requests.get(f"{container.url}/readyz", timeout=5).status_code == 503, 1)
            time.sleep(begun + 1.7 - time.monotonic())  # a balancer has left by then
            stopped.set()

        run_together([ask, ask, ask, stop])
        state = wait_until(lambda: (state := container.inspect()["State"])["Status"] == "exited" and state, 20)
    assert set(replies) == {200}
    assert len(replies) > 100
    assert state["ExitCode"] == 0


def test_stopping_takes_little_longer_than_the_drain(engine, image):
    with serving(engine, image, FOREST_DRAIN_S="1") as container:
        begun = time.monotonic()
        engine.run("stop", "--time", "25", container.name)
        took = time.monotonic() - begun
        print(f"stopped after {took:.2f} s with a drain of 1 s")
        assert container.inspect()["State"]["ExitCode"] == 0
    assert 1 <= took < 5


def test_a_killed_worker_is_replaced(engine, image):
    with serving(engine, image) as container:
        container.exec("python", "-c", KILL_WORKER)
        assert not answers(container)
        wait_until(lambda: answers(container), 30)
        assert container.inspect()["RestartCount"] == 0


def answers(container):
    """Return whether a flower gets its species soon."""
    try:
        return container.predict(timeout_s=1).ok
    except requests.RequestException:
        return False
