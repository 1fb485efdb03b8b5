"""HTTPS from the command line: what is wrong is said at once, and a server ends whose certificate goes bad."""

import contextlib
import socket
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from tests.support import whole
from tests.support.certificates import PASSWORD, issue
from tests.support.proxies import until
from tests.support.servers import bentoml, copy_of_store, free_port, serving
from tests.support.workers import workers_of

ROWS = {"instances": [[5.1, 3.5, 1.4, 0.2]]}


@pytest.fixture(scope="module")
def mutual(bentoml_home, way, tmp_path_factory):
    """Return a server that lets in only clients with a certificate, its files and log; its key has a password."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("https"))
    files = issue(home)
    options = [*files._replace(key=files.encrypted_key).options(), "--ssl-keyfile-password", PASSWORD]
    options += ["--ssl-ca-certs", str(files.authority), "--ssl-cert-reqs", "2"]
    with serving(*options, home=home, certificates=files, **way) as url:
        yield url, files, home / "server.log"


def ask(mutual, certificate):
    url, files, _ = mutual
    with whole.Session() as session:
        session.verify, session.trust_env, session.cert = str(files.authority), False, certificate and str(certificate)
        return session.post(f"{url}/predict", json=ROWS, timeout=10).json()


def test_a_client_with_a_certificate_is_answered(mutual):
    assert ask(mutual, mutual[1].client) == {"predictions": [0]}


@pytest.mark.parametrize("shown", ["stranger", None])
def test_a_client_without_one_of_the_authority_is_not(mutual, shown):
    with pytest.raises(requests.ConnectionError):
        ask(mutual, shown and getattr(mutual[1], shown))


@pytest.mark.parametrize(
    "sent", [b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\x01" * 70_000, b"\x00", b""]
)
def test_what_is_not_tls_gets_no_answer_and_harms_nobody(mutual, sent):
    url, _, log = mutual
    before = log.read_text()
    address = ("127.0.0.1", urlsplit(url).port)
    with contextlib.suppress(ConnectionError), socket.create_connection(address, timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        assert b"HTTP" not in connection.recv(1000)
    assert ask(mutual, mutual[1].client) == {"predictions": [0]}
    assert log.read_text() == before


def test_a_certificate_that_cannot_serve_ends_the_start_with_one_sentence(bentoml_home, tmp_path):
    home, files = copy_of_store(bentoml_home, tmp_path), issue(tmp_path)
    options = files._replace(key=files.client).options()
    done = bentoml("serve", "--host", "127.0.0.1", "--port", str(free_port()), *options, home=home)
    (said,) = [line for line in done.stderr.splitlines() if "[INFO]" not in line]
    assert done.returncode == 1
    assert said.startswith(f'The key "{files.client}" belongs to another certificate than')


def test_a_certificate_that_goes_bad_ends_the_server_when_a_worker_needs_it(bentoml_home, tmp_path):
    """Rather than worker after worker that cannot start."""
    home, files = copy_of_store(bentoml_home, tmp_path), issue(tmp_path)
    with serving(*files.options(), home=home, certificates=files) as url:
        (worker,) = workers_of(url)
        supervisor = worker.parent()
        files.certificate.write_text("")
        worker.kill()
        until(lambda: not supervisor.is_running() or supervisor.status() == psutil.STATUS_ZOMBIE, 40)
    log = (home / "server.log").read_text()
    assert f'"{files.certificate}" and "{files.key}" must be a certificate and its key, in PEM' in log
    assert "Traceback" not in log
