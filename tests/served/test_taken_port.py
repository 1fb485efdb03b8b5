"""Starting where the port is taken: one sentence that says who has it and what to do."""

import os
import re
import socket

import pytest

from tests.support.listeners import hold_port_unseen, tree_of
from tests.support.servers import ROOT, bentoml, copy_of_store, free_port, serving

RIVAL = """\
import sys
if "serve" in sys.orig_argv:
    import socket
    listen, rivals = socket.socket.listen, []
    def late(listener, *backlog):
        if listener.family == socket.AF_INET and not rivals:
            rivals.append(socket.socket())
            rivals[0].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            rivals[0].bind(listener.getsockname())
            listen(rivals[0])
        return listen(listener, *backlog)
    socket.socket.listen = late
"""


@pytest.fixture
def home(bentoml_home, tmp_path):
    return copy_of_store(bentoml_home, tmp_path)


def serve(home, port, host="127.0.0.1"):
    """Run "bentoml serve" to its end, which must come soon."""
    folder = home / "tmp"
    folder.mkdir()
    return bentoml("serve", "--host", host, "--port", str(port), home=home, TMPDIR=str(folder))


def test_it_names_the_program_and_how_to_stop_it(home):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        done = serve(home, port)
    assert done.returncode == 1
    assert re.fullmatch(
        rf"Cannot listen on 127\.0\.0\.1:{port}, because that port is taken by process {os.getpid()} \(.+\)\. Stop it"
        rf" \(kill {os.getpid()}\), or choose another: bentoml serve --port \d+\n",
        done.stderr,
    )
    assert "Could not bind" not in done.stdout


def test_nothing_stays_behind(home):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        serve(home, busy.getsockname()[1])
    assert list((home / "tmp").glob("bentoml-uds-*")) == []


def test_of_another_server_it_names_the_process_that_ends_it_all(home, tmp_path_factory):
    """Its workers have the port, too, but one that is killed is replaced."""
    with serving(home=copy_of_store(home, tmp_path_factory.mktemp("other"))) as url:
        done = serve(home, url.rpartition(":")[2])
        supervisor, *_ = tree_of(url)
    assert f"taken by process {supervisor.pid} (python" in done.stderr
    assert f"Stop it (kill {supervisor.pid}), or" in done.stderr


def test_it_says_so_if_it_cannot_see_whose_the_port_is(home):
    port, held = hold_port_unseen()
    done = serve(home, port)
    for each in held:
        each.close()
    assert done.returncode == 1
    assert "is taken by a program that this user cannot see, such as another user's. Stop it, or" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_whoever_listens_first_of_two_that_start_at_once_has_the_port(home):
    """Both may have bound it by then; Python imports a module of this name at every start."""
    (home / "sitecustomize.py").write_text(RIVAL)
    done = bentoml("serve", "--host", "127.0.0.1", "--port", str(free_port()), home=home, PYTHONPATH=f"{home}:{ROOT}")
    assert done.returncode == 1
    assert "because that port is taken by process" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_address_of_another_machine_is_one_sentence(home):
    done = serve(home, 3000, host="192.0.2.1")
    assert done.returncode == 1
    assert done.stderr.startswith("Cannot listen on 192.0.2.1:3000 (Cannot assign requested address). Choose another")
    assert len(done.stderr.splitlines()) == 1
