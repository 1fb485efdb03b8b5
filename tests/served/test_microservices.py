"""features_service.py and microservices.py as BentoML serves them: one service alone, and two in one server."""

import contextlib
import os
import re
import signal
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import requests

from tests.support.servers import bentoml, copy_of_store, free_port, serving
from tests.support.supervised import stop_for_good, wait_for
from tests.support.workers import is_worker

ROWS = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
IDS = {"ids": ["a17"]}
KEY = "a-key"
HOLD = "tests.support.kept_features:kept"
SOURCE = f"python:{HOLD}"


@pytest.fixture(scope="module")
def home(bentoml_home, tmp_path_factory):
    return copy_of_store(bentoml_home, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def features_url(tmp_path_factory):
    """Return the URL of the service Features, in a home without any model."""
    with serving("features_service:Features", home=tmp_path_factory.mktemp("features"), FOREST_FEATURES=SOURCE) as url:
        yield url


def test_features_are_looked_up_without_a_model(features_url):
    reply = requests.post(f"{features_url}/features:lookup", json={"ids": ["a17", "nobody"]}, timeout=10)
    first, second = reply.json()["records"]
    assert (first["petal_width"], second) == (0.2, None)
    assert "X-Model-Version" not in reply.headers


def test_a_prediction_is_no_path_of_features(features_url):
    reply = requests.post(f"{features_url}/predict", json=ROWS, timeout=10)
    assert (reply.status_code, "/features" in reply.json()["error"]) == (404, True)


def test_metrics_name_the_service_and_no_model(features_url):
    text = requests.get(f"{features_url}/metrics", timeout=10).text
    assert 'service_name="Features"' in text
    assert "forest_model_info" not in text


def test_the_document_of_features_describes_no_model(features_url):
    document = requests.get(f"{features_url}/docs.json", timeout=10).json()
    assert document["info"]["title"] == "Features"
    assert "/features:lookup" in document["paths"]
    assert not {path for path in document["paths"] if "predict" in path or "model" in path}


def test_no_engine_and_no_kernel_is_loaded_where_features_are_served(features_url):
    (worker,) = (each for each in psutil.Process().children(recursive=True) if is_worker(each) and asks_features(each))
    maps = Path(f"/proc/{worker.pid}/maps").read_text()
    assert "kernel-linux" not in maps


def asks_features(process):
    """Return whether a process serves features_service.py."""
    return "features_service:Features" in process.cmdline()


def test_features_without_a_store_are_one_sentence(tmp_path):
    done = bentoml("serve", "features_service:Features", "--port", str(free_port()), home=tmp_path)
    (sentence,) = (line for line in done.stderr.splitlines() if "FOREST_FEATURES" in line)
    assert (done.returncode, sentence.startswith("The service Features has nothing to serve: ")) == (1, True)
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def both(home):
    """Return a server of both services, with keys: its URL, and functions that find its parts' workers."""
    variables = {"FOREST_FEATURES": SOURCE, "FOREST_API_KEYS": KEY, "FOREST_DRAIN_S": "1"}
    with serving("microservices:IrisClassifier", home=home, **variables) as url:
        supervisor = supervisor_of(url)
        worker = lambda name: worker_of(supervisor, name)  # noqa: E731
        wait_for(lambda: "Service Features initialized" in (Path(home) / "server.log").read_text())
        yield SimpleNamespace(url=url, worker=worker, log=Path(home) / "server.log")


def supervisor_of(url):
    """Return the process that looks after the workers of the server at a URL."""
    (found,) = (each for each in psutil.Process().children() if each.cmdline()[-1] == url.rpartition(":")[2])
    return found


def worker_of(supervisor, name):
    """Return the worker of a service, or None."""
    for each in supervisor.children():
        with contextlib.suppress(psutil.Error):
            line = each.cmdline()
            if is_worker(each) and line[line.index("--service-name") + 1] == name:
                return each
    return None


def ask(server, body):
    """Return the reply to a request with the key."""
    return requests.post(f"{server.url}/predict", json=body, headers={"Authorization": f"Bearer {KEY}"}, timeout=10)


def test_the_classifier_asks_the_other_service_for_rows_by_id(both):
    reply = ask(both, IDS)
    assert (reply.json(), "X-Model-Version" in reply.headers) == ({"predictions": [0]}, True)
    assert ask(both, {"ids": ["nobody"]}).status_code == 404


def test_only_the_other_service_reads_what_the_setting_names(both):
    """The source writes down who opened it."""
    opened = re.findall(r"kept features opened in (\d+)", both.log.read_text())
    assert str(both.worker("Features").pid) in opened
    assert str(both.worker("IrisClassifier").pid) not in opened


def test_the_dependency_listens_where_no_other_user_may_enter(both):
    sockets = {entry.laddr for entry in both.worker("Features").net_connections(kind="unix") if entry.laddr}
    (folder,) = {Path(path).parent for path in sockets if path.endswith(".sock")}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_killed_dependency_is_replaced_while_rows_are_answered_and_the_server_is_ready(both):
    killed = both.worker("Features")
    with asking(both) as statuses:
        killed.kill()
        wait_for(lambda: (new := both.worker("Features")) and new.pid != killed.pid and ask(both, IDS).ok)
    assert statuses == {"/predict": {200}, "/readyz": {200}}


def test_a_dependency_that_hangs_holds_up_neither_rows_nor_readiness(both):
    stopped = both.worker("Features")
    with asking(both) as statuses:
        stop_for_good(stopped)
        wait_for(lambda: ask(both, IDS).status_code in {503, 504})
        stopped.send_signal(signal.SIGCONT)
        wait_for(lambda: ask(both, IDS).ok)
    assert statuses == {"/predict": {200}, "/readyz": {200}}


@contextlib.contextmanager
def asking(server):
    """Ask by row, and whether the server is ready, all the while; yield the statuses of each path."""
    statuses, stopped = {"/predict": set(), "/readyz": set()}, threading.Event()

    def go_on():
        while not stopped.wait(0.01):
            statuses["/predict"].add(ask(server, ROWS).status_code)
            statuses["/readyz"].add(requests.get(f"{server.url}/readyz", timeout=10).status_code)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield statuses
    finally:
        stopped.set()
        thread.join()


def test_a_server_of_two_services_drains_and_loses_no_request(home):
    """Also those by id: the dependency leaves after those who ask it."""
    statuses = set()
    variables = {"FOREST_FEATURES": SOURCE, "FOREST_DRAIN_S": "1"}
    with serving("microservices:IrisClassifier", home=home, **variables) as url:
        supervisor = supervisor_of(url)
        wait_for(lambda: requests.post(f"{url}/predict", json=IDS, timeout=10).ok)  # it is ready without the other
        os.kill(supervisor.pid, signal.SIGTERM)
        begun = time.monotonic()
        while time.monotonic() < begun + 1.2:
            with contextlib.suppress(requests.ConnectionError):
                statuses.add(requests.post(f"{url}/predict", json=IDS, timeout=10).status_code)
    assert statuses == {200}


def test_service_py_depends_on_no_other_service(bentoml_home):
    import service

    assert service.IrisClassifier.dependencies == {}
