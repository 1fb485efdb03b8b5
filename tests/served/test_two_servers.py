"""Servers on one store: each tells its own counts, whatever the others do."""

import contextlib
import os
import signal
import stat
import tempfile
from pathlib import Path

import psutil
import pytest
import requests

from forest_serving.monitoring.server_folder import PREFIX
from tests.served.test_metrics import REQUESTS, metrics, n_flushed, poll, value
from tests.support.models import ROWS, save_in
from tests.support.servers import copy_of_store, serving
from tests.support.workers import folder_of_counts, workers_of

IRIS = [[5.1, 3.5, 1.4, 0.2]]
WINE = ROWS[:1].tolist()


@pytest.fixture(scope="module")
def home(bentoml_home, tmp_path_factory):
    """Return a store with the models of Iris and of wine."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("two"))
    save_in(home, "wine", "wine")
    return home


def ask(url, rows, n_requests):
    for _ in range(n_requests):
        requests.post(f"{url}/predict", json={"instances": rows}, timeout=10).raise_for_status()


def answered(url):
    return value(metrics(url), REQUESTS, endpoint="/predict")


@pytest.mark.parametrize(("model", "rows"), [("iris", IRIS), ("wine", WINE)])
def test_each_tells_its_own_counts_through_the_other_s_start_and_end(home, model, rows):
    """With two workers, whose counts are in files, and another model or the same one in the other server."""
    two = {"BENTOML_CONFIG_OPTIONS": "services.IrisClassifier.workers=2"}
    with serving(home=home, **two) as first:
        ask(first, IRIS, 10)
        with serving(home=home, FOREST_MODEL=model, **two) as second:
            ask(second, rows, 5)
            poll(lambda: answered(second) == 5)
            poll(lambda: answered(first) == 10)
            assert n_flushed(first) == 10
        poll(lambda: answered(first) == 10)


def test_a_server_s_folder_is_private_and_goes_with_it(home):
    with serving(home=home) as url:
        folder = folder_of_counts(url)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.parent == Path(tempfile.gettempdir())
        assert folder.name.startswith(PREFIX)
    assert not folder.exists()


def test_what_a_killed_server_left_harms_nobody_and_goes(home, tmp_path):
    with serving(home=home) as url:
        ask(url, IRIS, 3)
        folder = folder_of_counts(url)
        poll(lambda: n_flushed(url) == 3)
        workers = workers_of(url)
        os.kill(psutil.Process(workers[0].pid).ppid(), signal.SIGKILL)
        for worker in workers:
            with contextlib.suppress(psutil.Error):
                worker.kill()
    assert folder.exists()
    with serving(home=home) as url:
        assert not folder.exists()
        ask(url, IRIS, 2)
        assert answered(url) == 2


def test_metrics_are_told_whatever_is_in_the_folder(home):
    with serving(home=home) as url:
        ask(url, IRIS, 1)
        folder, (worker,) = folder_of_counts(url), workers_of(url)
        ours = folder / f"forest-{worker.ppid()}-1-0123abc"
        os.mkfifo(f"{ours}0.json")
        Path(f"{ours}1.json").mkdir()
        Path(f"{ours}2.json").symlink_to("/dev/zero")
        Path(f"{ours}3.json").touch()
        os.mkfifo(folder / "counter_1.db")
        (folder / "gauge_all_1.db").write_bytes(b"broken")
        assert answered(url) == 1
    assert not folder.exists()
