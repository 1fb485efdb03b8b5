"""Nobody but the supervisor itself can command it, and nothing listens but the service's port."""

import os
import time
from urllib.parse import urlsplit

import pytest

from tests.served.test_bento import make_bento
from tests.support.listeners import attack, entered_by_others, is_private, ports_of, tree_of, unix_sockets_of
from tests.support.projects import copy_of_project
from tests.support.servers import ROOT, copy_of_store, serving
from tests.support.workers import workers_of

TWO_WORKERS = {"BENTOML_CONFIG_OPTIONS": "services.IrisClassifier.workers=2"}
# A service of somebody else's that depends on ours: BentoML gives ours a process of its own and a Unix socket.
SOMEBODY_ELSES = """
import bentoml
from service import IrisClassifier

@bentoml.service
class Outer:
    iris = bentoml.depends(IrisClassifier)
    @bentoml.api
    async def ask(self) -> str:
        return "answer"
"""


def serve_folder(home, folder):
    """Serve the project's folder with two workers."""
    return serving(home=home, **TWO_WORKERS)


def serve_bento(home, folder):
    """Serve a Bento."""
    make_bento(copy_of_project(folder), home)
    return serving("iris_classifier:latest", home=home, cwd=folder)


def serve_with_reload(home, folder):
    """Serve a folder and watch its files; TMPDIR's path is longer than a socket's may be."""
    long = folder / ("x" * 120)
    long.mkdir()
    return serving("--reload", home=home, cwd=copy_of_project(folder), TMPDIR=str(long))


def serve_dependent(home, folder, *options):
    """Serve another service that depends on this one."""
    (folder / "outer.py").write_text(SOMEBODY_ELSES)
    return serving("outer:Outer", *options, home=home, cwd=folder, PYTHONPATH=str(ROOT))


def serve_dependent_in_development(home, folder):
    """Serve another service that depends on this one, all in one process."""
    return serve_dependent(home, folder, "--development")


WAYS = [serve_folder, serve_bento, serve_with_reload, serve_dependent, serve_dependent_in_development]


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: way.__name__)
def url(request, bentoml_home, tmp_path_factory):
    """Return the URL of a server, started in one of the ways that there are."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("home"))
    with request.param(home, tmp_path_factory.mktemp("folder")) as url:
        yield url


def test_nothing_listens_but_the_services_port(url):
    """In the whole tree of processes. BentoML's supervisor listens on two more, without asking who commands it."""
    assert ports_of(url) == {urlsplit(url).port}


def test_a_unix_socket_is_in_a_folder_that_others_may_not_enter(url):
    sockets = unix_sockets_of(url)
    assert [name for name in sockets if not is_private(name)] == []
    if os.geteuid() == 0:
        assert entered_by_others(sockets) == ""


def test_whoever_sends_the_supervisor_a_command_gets_no_answer_and_nothing_runs(url, tmp_path):
    """As another user, if this one is root."""
    marker = tmp_path / "attacked"
    answers = attack(url, marker)
    assert (answers, marker.exists()) == ("", False)


def test_a_folder_that_is_watched_is_served_anew_when_a_file_changes(bentoml_home, tmp_path):
    """The process that watches must reach the supervisor."""
    with serve_with_reload(copy_of_store(bentoml_home, tmp_path), tmp_path) as url:
        first = workers_of(url)
        sockets = unix_sockets_of(url)
        with (tmp_path / "iris" / "service.py").open("a") as file:
            file.write("# changed\n")
        deadline = time.monotonic() + 60
        while not (now := workers_of(url)) or set(now) & set(first):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert len(sockets) >= 2
    assert not [name for name in sockets if os.path.lexists(os.path.dirname(name))]  # noqa: PTH120


def test_without_watching_there_is_no_socket_but_the_services_own(bentoml_home, tmp_path):
    with serve_folder(copy_of_store(bentoml_home, tmp_path), tmp_path) as url:
        assert len(tree_of(url)) == 3
        assert unix_sockets_of(url) == set()
