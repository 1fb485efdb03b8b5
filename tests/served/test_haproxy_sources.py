"""What deploy/haproxy.cfg lets one address take, so that something is left for the others."""

import contextlib
import json
import resource
import socket
import threading
import time

import pytest

from tests.support.proxies import proxying, read_all, until
from tests.support.recorder import recording

ATTACKER, OTHER, THIRD = "127.0.0.2", "127.0.0.3", "127.0.0.4"  # all of 127.0.0.0/8 is this machine, on Linux
REQUEST = b"GET /model HTTP/1.1\r\nHost: x\r\n\r\n"
ATTACKS_PER_S, ATTACK_S = 240, 8
PAUSE_S = 0.02  # between connections of the others, who must not be too fast themselves


@pytest.fixture
def start(tmp_path):
    """Return a function that starts a proxy with these variables, and returns it and one that opens connections."""
    with contextlib.ExitStack() as stack:

        def started(**variables):
            recorder = stack.enter_context(recording())
            proxy = stack.enter_context(proxying(recorder.url, folder=tmp_path, **variables))
            return proxy, lambda source, n=1: [stack.enter_context(connected(proxy, source)) for _ in range(n)]

        yield started


def connected(proxy, source):
    """Return a connection from an address, which may have been closed before this process hears that it was opened."""
    connection = socket.socket()
    connection.settimeout(10)
    connection.bind((source, 0))
    connection.connect_ex(("127.0.0.1", proxy.port))
    return connection


def is_open(connection):
    """Return whether a connection is not closed within a moment."""
    connection.settimeout(0.3)
    try:
        return connection.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def ask(connection):
    """Return the status that a request gets; 0 if the connection is closed without a word."""
    connection.settimeout(10)
    try:
        connection.sendall(REQUEST)
        return int(connection.recv(1 << 16)[9:12] or 0)
    except OSError:
        return 0


@contextlib.contextmanager
def attack(proxy):
    """Open idle connections from one address while the context lasts, and keep them."""
    over, held = threading.Event(), []

    def run():
        begun = time.monotonic()
        while not over.wait(max(0.0, begun + len(held) / ATTACKS_PER_S - time.monotonic())):
            held.append(socket.socket())
            held[-1].bind((ATTACKER, 0))
            held[-1].setblocking(False)
            held[-1].connect_ex(("127.0.0.1", proxy.port))

    thread = threading.Thread(target=run)
    thread.start()
    yield held
    over.set()
    thread.join()
    for connection in held:
        connection.close()


@pytest.fixture
def many_files():
    """Let this process open as many connections as the attack wants."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4096), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
def test_240_idle_connections_a_second_from_one_address_hold_nobody_else_up(start):
    """They would take all places within four seconds, of the ten or five for which each may stay."""
    proxy, _ = start(PROXY_MAXCONN="1000")
    statuses, longest_s, end = set(), 0.0, time.monotonic() + ATTACK_S
    with attack(proxy) as held:
        while (begun := time.monotonic()) < end:
            with connected(proxy, OTHER) as connection:
                statuses.add(ask(connection))
            longest_s = max(longest_s, time.monotonic() - begun)
            time.sleep(PAUSE_S)
    print(f"{len(held)} idle connections; the others waited for {longest_s:.2f} s at most")
    assert statuses == {200}
    assert longest_s < 2
    assert len(held) > 1500, "this was no such attack"


def test_an_address_has_so_many_connections_at_once_and_no_more(start):
    proxy, connect = start(PROXY_SOURCE_MAXCONN="3")
    log = proxy.log
    assert [is_open(*connect(ATTACKER)) for _ in range(5)] == [True] * 3 + [False] * 2
    assert proxy.log == log, "what is closed without a word must not fill the log"
    assert ask(*connect(OTHER)) == 200


def test_the_limits_can_be_raised_out_of_reach_where_all_clients_have_one_address(start):
    """All of them, down to the last: no quarter is kept for others."""
    _, connect = start(PROXY_MAXCONN="8", PROXY_SOURCE_MAXCONN="1000000", PROXY_SOURCE_RATE="1000000000")
    assert [ask(connection) for connection in connect(ATTACKER, 8)] == [200] * 8


def test_a_connection_that_ends_makes_room_for_another_of_its_address(start):
    _, connect = start(PROXY_SOURCE_MAXCONN="1")
    (first,) = connect(ATTACKER)
    assert ask(first) == 200
    first.close()
    assert until(lambda: ask(*connect(ATTACKER)) == 200, 10)


def test_the_last_quarter_of_all_connections_is_for_addresses_that_hold_few(start):
    """Of 8, the seventh and the eighth; of a share of 4, a quarter is one."""
    _, connect = start(PROXY_MAXCONN="8", PROXY_SOURCE_MAXCONN="4")
    held = [is_open(*connect(source)) for source in [ATTACKER] * 4 + [OTHER] * 3]
    assert held == [True] * 6 + [False]
    assert ask(*connect(THIRD)) == 200


def test_who_opens_connections_too_fast_is_told_so_and_those_that_are_open_stay_in_use(start):
    _, connect = start(PROXY_SOURCE_RATE="2")
    (allowed,) = connect(ATTACKER)
    assert (ask(allowed), ask(*connect(ATTACKER))) == (200, 200)
    (too_many,) = connect(ATTACKER)
    too_many.sendall(REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    head, _, body = read_all(too_many).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 429 ")
    assert b"\r\nretry-after: 10" in head.lower()
    assert "send more requests over each" in json.loads(body)["error"]
    assert (ask(allowed), ask(*connect(OTHER))) == (200, 200)


def test_twice_as_fast_is_closed_without_a_word(start):
    _, connect = start(PROXY_SOURCE_RATE="2")
    assert [ask(*connect(ATTACKER)) for _ in range(6)] == [200] * 2 + [429] * 3 + [0]


@pytest.mark.parametrize("before", [b"", REQUEST], ids=["the first", "the next"])
def test_a_connection_that_waits_for_a_request_is_closed_at_the_deadline(start, before):
    proxy, connect = start(PROXY_IDLE_TIMEOUT="1s")
    (connection,) = connect(OTHER)
    assert not before or ask(connection) == 200
    n_lines, begun = proxy.log.count("\n"), time.monotonic()
    connection.settimeout(10)
    assert connection.recv(1000) == b""
    assert 0.9 < time.monotonic() - begun < 5
    assert proxy.log.count("\n") <= n_lines + len(before[:1])  # the request's own line may come late
