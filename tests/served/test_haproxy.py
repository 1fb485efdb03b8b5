"""What deploy/haproxy.cfg bounds in front of a real server: headers, bodies, connections, clients that do not read."""

import contextlib
import json
import re
import resource
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from tests.support.proxies import proxying, read_all, until
from tests.support.servers import copy_of_store, serving

ROWS = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
HEADER = b"GET /model HTTP/1.1\r\nHost: x\r\n"
UPLOAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"


@pytest.fixture
def hasty(served_url, tmp_path):
    """Return a proxy that gives clients one second."""
    with proxying(served_url, folder=tmp_path, PROXY_CLIENT_TIMEOUT="1s", PROXY_IDLE_TIMEOUT="1s") as proxy:
        yield proxy


def drip(connection, byte):
    """Send a byte every tenth of a second until there is a reply; return it and the seconds it took."""
    start = time.monotonic()
    connection.settimeout(0.1)
    for _ in range(50):
        with contextlib.suppress(TimeoutError):
            return connection.recv(65536), time.monotonic() - start
        connection.sendall(byte)
    return b"", time.monotonic() - start


def post(proxy):
    return requests.post(f"{proxy.url}/predict", json=ROWS, timeout=10)


def test_a_header_that_drips_is_408_at_the_deadline(hasty):
    with hasty.connect() as connection:
        connection.sendall(HEADER + b"X-Slow: ")
        reply, seconds = drip(connection, b"a")
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert 0.9 < seconds < 3
    assert "/<NOSRV>" in until(lambda: hasty.log_of(408), 5)


def test_a_body_that_drips_is_408_at_the_deadline_and_takes_no_place_at_the_server(hasty):
    with hasty.connect() as connection:
        connection.sendall(UPLOAD)
        reply, seconds = drip(connection, b" ")
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert reply.endswith(b'{"error":"The body did not arrive in time; send it again.","detail":[]}')
    assert 0.9 < seconds < 3
    assert "/<NOSRV>" in until(lambda: hasty.log_of(408), 5)


def test_a_header_of_64_kib_is_400_and_never_reaches_the_server(hasty):
    with hasty.connect() as connection:
        with contextlib.suppress(ConnectionError):  # it is refused before all of it is sent
            connection.sendall(HEADER + b"X-Long: " + b"a" * 65536 + b"\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 400 ")
    assert "/<NOSRV>" in until(lambda: hasty.log_of(400), 5)


@pytest.fixture
def many_files():
    """Let this process open 2,000 files, or connections; many systems allow 1,024, or 256, until asked for more."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (2000, most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


@pytest.mark.usefixtures("many_files")
def test_a_thousand_idle_connections_hinder_nobody(served_url, tmp_path):
    """Half say nothing, half stop within a header. The last one, when it goes on, is answered too."""
    patient = {"PROXY_CLIENT_TIMEOUT": "60s", "PROXY_IDLE_TIMEOUT": "60s", "PROXY_SOURCE_MAXCONN": "1100"}
    with contextlib.ExitStack() as stack, proxying(served_url, folder=tmp_path, **patient) as proxy:
        idle = [stack.enter_context(proxy.connect()) for _ in range(1000)]
        for connection in idle[::2]:
            connection.sendall(HEADER)
        with ThreadPoolExecutor(4) as clients:
            assert {reply.status_code for reply in clients.map(lambda _: post(proxy), range(200))} == {200}
        idle[-2].sendall(b"\r\n")
        assert idle[-2].recv(65536).startswith(b"HTTP/1.1 200 ")


def test_connections_beyond_the_cap_wait_until_one_is_free(served_url, tmp_path):
    with contextlib.ExitStack() as stack, proxying(served_url, folder=tmp_path, PROXY_MAXCONN="5") as proxy:
        idle = [stack.enter_context(proxy.connect()) for _ in range(5)]
        last = stack.enter_context(proxy.connect(timeout=0.5))
        last.sendall(HEADER + b"\r\n")
        with pytest.raises(TimeoutError):
            last.recv(65536)
        idle[0].close()
        last.settimeout(10)
        assert last.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_request_beyond_the_servers_cap_is_503_and_says_when_to_come_back(served_url, tmp_path):
    """The place is taken by an upload that has filled HAProxy's buffer and then stalls."""
    with proxying(served_url, folder=tmp_path, PROXY_SERVER_MAXCONN="1") as proxy, proxy.connect() as upload:
        upload.sendall(UPLOAD + b" " * 50_000)
        reply = next(reply for reply in (post(proxy) for _ in range(100)) if not reply.ok)  # once it has arrived there
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
        assert "/<NOSRV>" in until(lambda: proxy.log_of(503), 5)


def test_the_servers_log_names_the_proxys_client_and_nobody_else_may_name_one(bentoml_home, way, tmp_path):
    home = copy_of_store(bentoml_home, tmp_path)
    with (
        serving(home=home, FOREST_ACCESS_LOG="true", **way) as url,
        proxying(url, folder=tmp_path) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=10, source_address=("127.0.0.2", 0)) as client,
        socket.create_connection(("127.0.0.1", urlsplit(url).port), 10, source_address=("127.0.0.3", 0)) as direct,
    ):
        for connection in (client, direct):
            connection.sendall(HEADER + b"X-Request-ID: find-me\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        log = until(lambda: [line for line in (home / "server.log").read_text().splitlines() if "find-me" in line], 10)
    assert [json.loads(line)["client"] for line in log] == ["127.0.0.2", "127.0.0.3"]


def test_a_client_that_stops_reading_is_cut_off(bentoml_home, tmp_path):
    """The reply must be longer than what the kernel buffers on its own for a connection, about 4 MiB."""
    rows = b'{"instances":[' + b",".join([b"[6,3,5,2]"] * 250_000) + b"]}"
    request = b"POST /predict_proba HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(rows)
    limits = {"FOREST_MAX_BODY_BYTES": str(len(rows)), "FOREST_MAX_ROWS": "250000"}
    with (
        serving(home=copy_of_store(bentoml_home, tmp_path), **limits) as url,
        proxying(url, folder=tmp_path, PROXY_CLIENT_TIMEOUT="1s") as proxy,
        socket.socket() as client,
    ):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(10)
        client.connect(("127.0.0.1", proxy.port))
        client.sendall(request + rows)
        assert " cD" in until(lambda: proxy.log_of(200), 15)  # c: the client's time was over, D: during the reply
        head, _, body = read_all(client).partition(b"\r\n\r\n")
        assert len(body) < int(re.search(rb"content-length: (\d+)", head)[1])
