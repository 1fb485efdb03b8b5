"""A server whose workers cannot start ends with one sentence; it does not start them for ever while clients wait."""

import shutil
import socket

import pytest

from tests.support.models import save_in
from tests.support.projects import copy_of_project
from tests.support.servers import ROOT
from tests.support.supervised import supervised, wait_for

# Python imports a module of this name at every start; what is written there breaks the workers.
BREAKER = "sitecustomize.py"
IN_WORKERS = "import sys\nif '_bentoml_impl.worker.service' in sys.orig_argv:\n"
KILLED = "    import os\n    print('An attempt', file=sys.stderr, flush=True)\n    os.kill(os.getpid(), 9)\n"
FAILING_SERVICE = """\
    print('An attempt', file=sys.stderr, flush=True)
    import forest_serving.host.model_choice as ours
    def load(choice):
        raise RuntimeError("no sensor")
    ours.ModelChoice.load = load
"""
ODD_MODEL = """\
    import forest_serving.models.store as store
    def load(tag):
        raise IndexError("tuple index out of range")
    store.load = load
"""


class Ended:
    """A server that has ended: its exit code, what it printed, and whether its port is free."""

    def __init__(self, server, seconds):
        self.code = server.ends_within(seconds)
        self.output = server.log.read_text()
        with socket.socket() as probe:
            self.port_is_free = probe.connect_ex(("127.0.0.1", server.port)) != 0


def of_a_model(home):
    """Return the folder of the one wine model in a home."""
    (folder,) = (path for path in (home / "models" / "wine_compiled").iterdir() if path.is_dir())
    return folder


def broken(folder, breaker, n_workers=1):
    """Return how a server ends whose workers a text breaks."""
    (folder / BREAKER).write_text(IN_WORKERS + breaker)
    save_in(folder, "wine", "wine")
    variables = {"FOREST_MODEL": "wine", "PYTHONPATH": f"{folder}:{ROOT}"}
    with supervised(folder, n_workers, ready=False, **variables) as server:
        return Ended(server, 240)


@pytest.fixture(scope="module", params=["deleted", "damaged"])
def after_a_death(request, tmp_path_factory):
    """Return how a server of two workers ends one of which dies after the model was taken away from it."""
    home = tmp_path_factory.mktemp(request.param)
    tag = save_in(home, "wine", "wine")
    with supervised(home, 2, FOREST_MODEL="wine") as server:
        if request.param == "deleted":
            shutil.rmtree(of_a_model(home))
        else:
            (of_a_model(home) / "engine.npz").write_bytes(b"")
        server.workers()[0].kill()
        return tag, Ended(server, 60)


def test_a_server_whose_model_is_gone_ends_with_one_sentence_when_a_worker_dies(after_a_death):
    tag, ended = after_a_death
    assert ended.output.count(f'odel "{tag}"') == 1
    assert "Traceback" not in ended.output


def test_a_server_whose_model_is_gone_fails_and_leaves_its_port(after_a_death):
    assert (after_a_death[1].code, after_a_death[1].port_is_free) == (1, True)


def test_a_model_that_no_worker_can_serve_ends_the_server_with_a_sentence(tmp_path):
    """Whatever is wrong with it: an error that nobody thought of is told in one sentence, too."""
    ended = broken(tmp_path, ODD_MODEL)
    assert "cannot be served (IndexError: tuple index out of range). Train it again" in ended.output
    assert ("Traceback" in ended.output, ended.code) == (False, 1)


@pytest.mark.parametrize("breaker", [KILLED, FAILING_SERVICE], ids=["killed while importing", "exception in __init__"])
def test_workers_that_never_get_to_serve_end_the_server_after_some_attempts(tmp_path, breaker):
    ended = broken(tmp_path, breaker)
    assert "5 workers in a row ended before they could answer, so this server ends" in ended.output
    assert (ended.output.count("An attempt"), ended.code, ended.port_is_free) == (pytest.approx(7, abs=2), 1, True)


def test_workers_that_got_to_serve_may_die_any_number_of_times(tmp_path):
    save_in(tmp_path, "wine", "wine")
    with supervised(tmp_path, FOREST_MODEL="wine") as server:
        for _ in range(6):
            (worker,) = server.workers()
            worker.kill()
            wait_for(lambda dead=worker: dead not in server.workers() and server.is_ready())
        assert server.supervisor.poll() is None


def test_a_server_whose_folder_is_gone_ends_with_one_sentence_when_a_worker_dies(tmp_path):
    """No process can be started in a folder that is not there; Circus would show a traceback."""
    save_in(tmp_path, "wine", "wine")
    folder = copy_of_project(tmp_path)
    with supervised(tmp_path, cwd=folder, FOREST_MODEL="wine") as server:
        shutil.rmtree(folder)
        server.workers()[0].kill()
        ended = Ended(server, 60)
    assert ended.output.count("No worker is left and none can be started, so this server ends") == 1
    assert ("Traceback" in ended.output, ended.code, ended.port_is_free) == (False, 1, True)
