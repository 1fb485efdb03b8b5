"""A supervisor that is killed cannot stop its workers: they leave by themselves, and the port is free for the next."""

import socket
import time

import pytest

from tests.support.servers import copy_of_store
from tests.support.supervised import stop_for_good, supervised

ANSWERED_S = 5  # what a worker may take for what it is answering
SLOW_MACHINE_S = 10


@pytest.fixture
def home(bentoml_home, tmp_path):
    return copy_of_store(bentoml_home, tmp_path)


def kill(server):
    """Kill a supervisor, and nobody else."""
    server.workers()
    server.supervisor.kill()
    server.supervisor.wait()


def test_workers_leave_when_their_supervisor_is_killed_and_the_next_server_gets_the_port(home):
    """However long their drain: nobody told load balancers to go elsewhere, and the port is needed."""
    with supervised(home, 2, FOREST_DRAIN_S="25") as server:
        kill(server)
        server.ends_within(ANSWERED_S + SLOW_MACHINE_S)
        with supervised(home, port=server.port) as following:
            assert following.is_ready()


def test_a_worker_whose_supervisor_is_killed_answers_what_has_arrived(home):
    with supervised(home) as server, socket.create_connection(("127.0.0.1", server.port)) as connection:
        body = b'{"instances":[[5.1,3.5,1.4,0.2]]}'
        head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(head % len(body) + body[:5])
        assert server.is_ready()  # by now the server has the first part, too
        kill(server)
        time.sleep(1)  # by now its worker knows
        connection.settimeout(SLOW_MACHINE_S)
        connection.sendall(body[5:])
        with connection.makefile("rb") as reply:  # then the connection ends
            assert reply.read().endswith(b'{"predictions":[0]}')


def test_a_worker_that_stands_still_leaves_too(home):
    with supervised(home) as server:
        stop_for_good(server.workers()[0])
        kill(server)
        server.ends_within(ANSWERED_S + SLOW_MACHINE_S)


def test_a_worker_leaves_that_was_only_starting(home):
    """It looks for its supervisor as soon as it runs code of ours, which may be after that was killed."""
    with supervised(home, ready=False) as server:
        while not server.workers():
            time.sleep(0.01)
        kill(server)
        server.ends_within(ANSWERED_S + SLOW_MACHINE_S * 3)
