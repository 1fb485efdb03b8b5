"""Which version is served is decided once, when the server starts."""

import re
import subprocess
import sys
import time

import pytest
import requests

from tests.support.models import ROWS, forest_of, save_in
from tests.support.servers import ROOT, environment, serving
from tests.support.workers import workers_of

TWO = "services.IrisClassifier.workers=2"


def wait_for(holds, seconds=40):
    """Return once something holds; fail if it does not soon enough."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def answer(url):
    """Return the answer to all rows on a new connection, and the version that gave it."""
    reply = requests.post(f"{url}/predict_proba", json={"instances": ROWS.tolist()}, timeout=20)
    return reply.json()["probabilities"], reply.headers["X-Model-Version"]


@pytest.fixture(scope="module")
def retrained(tmp_path_factory):
    """Serve wine with two workers, save a newer model, and kill both workers; yield URL, tag at first, log.

    As in a container, where BentoML would not replace them.
    """
    home = tmp_path_factory.mktemp("retrained")
    first = save_in(home, "wine", "wine", seed=1)
    with serving(home=home, FOREST_MODEL="wine", BENTOML_CONFIG_OPTIONS=TWO, BENTOML_CONTAINERIZED="true") as url:
        log = home / "server.log"
        wait_for(lambda: log.read_text().count("Completed startup hook") == 2)
        assert save_in(home, "wine", "wine", seed=2) != first
        dead = workers_of(url)
        for worker in dead:
            worker.kill()
        wait_for(lambda: len(workers_of(url)) == 2 and not set(workers_of(url)) & set(dead))
        wait_for(lambda: log.read_text().count("Completed startup hook") == 4)
        yield url, first, log


def test_workers_that_replace_dead_ones_after_a_training_answer_with_the_first_model(retrained):
    """They would otherwise each take the newest, and one server would give two answers to the same row."""
    url, first, _ = retrained
    expected = forest_of("wine", seed=1).predict_proba(ROWS).tolist()
    assert all(answer(url) == (expected, first.partition(":")[2]) for _ in range(20))


def test_the_log_says_once_which_model_is_served(retrained):
    _, first, log = retrained
    (line,) = re.findall(r"Serving (\S+): (\S+), native kernel, SHA-256 ([0-9a-f]{64})$", log.read_text(), re.MULTILINE)
    assert line[:2] == (first, "forest")


def test_the_next_server_takes_the_newest(retrained):
    _, first, log = retrained
    command, env = [sys.executable, "-c", "import service; print(service.MODEL.tag)"], environment(log.parent)
    done = subprocess.run(command, cwd=ROOT, env=env | {"FOREST_MODEL": "wine"}, capture_output=True, text=True)
    assert done.stdout.strip() not in ("", first)
