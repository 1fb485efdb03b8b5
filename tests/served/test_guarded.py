"""A server with keys, allowed origins and an access log, over HTTPS."""

import json
import ssl
import time
from pathlib import Path

import bentoml
import pytest
import requests

from forest_serving.host.uvicorn_timer import HEAD_TIMEOUT_S
from tests.support import whole
from tests.support.certificates import issue
from tests.support.servers import copy_of_store, serving
from tests.support.wire import connect, read_replies

ROWS = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
PAGE = "https://page.example"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Return certificates for 127.0.0.1."""
    return issue(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def guarded(bentoml_home, certificates, way, tmp_path_factory):
    """Return the server's URL, a session that trusts it, and its log."""
    home = tmp_path_factory.mktemp("guarded")
    keys = home / "keys"
    keys.write_text("# being rotated in\nnew-key\n")
    settings = {"FOREST_API_KEYS": "old-key, other-key", "FOREST_API_KEYS_FILE": str(keys)}
    settings |= {"FOREST_CORS_ORIGINS": PAGE, "FOREST_ACCESS_LOG": "true"}
    with serving(
        *certificates.options(), home=copy_of_store(bentoml_home, home), certificates=certificates, **settings, **way
    ) as url:
        session = whole.Session()
        session.verify, session.trust_env = (
            str(certificates.authority),
            False,
        )  # a machine's own authorities would replace it
        yield url, session, home / "server.log"


def post(guarded, key=None, scheme="Bearer", **headers):
    url, session, _ = guarded
    headers |= {"Authorization": f"{scheme} {key}"} if key else {}
    return session.post(f"{url}/predict", json=ROWS, headers=headers, timeout=10)


@pytest.mark.parametrize("key", ["old-key", "other-key", "new-key"])
def test_each_of_several_keys_opens_so_that_they_can_be_rotated(guarded, key):
    assert post(guarded, key).json() == {"predictions": [0]}


@pytest.mark.parametrize(
    ("key", "scheme"), [(None, ""), ("wrong", "Bearer"), ("old-ke", "Bearer"), ("old-key", "Basic")]
)
def test_without_a_key_it_is_401_and_says_which_scheme(guarded, key, scheme):
    reply = post(guarded, key, scheme)
    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer" in reply.json()["error"]


@pytest.mark.parametrize(
    ("path", "status"),
    [(path, 200) for path in ("/livez", "/readyz", "/healthz", "/", "/docs.json", "/static_content/swagger-ui.css")]
    + [(path, 401) for path in ("/model", "/metrics", "/schema.json", "/nothing", "//", "/static_content")],
)
def test_only_health_and_the_documentation_are_open(guarded, path, status):
    """A browser has no key when it opens the page on which one can be entered."""
    url, session, _ = guarded
    assert session.get(f"{url}{path}", timeout=10).status_code == status


def test_bentomls_client_sends_its_token_as_the_key(guarded, certificates, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    with bentoml.SyncHTTPClient(guarded[0], token="new-key") as client:  # noqa: S106
        assert client.predict(**ROWS) == {"predictions": [0]}


def test_a_page_of_an_allowed_origin_may_read_answers_and_errors(guarded):
    for key in ("old-key", "wrong"):
        assert post(guarded, key, Origin=PAGE).headers["Access-Control-Allow-Origin"] == PAGE
    assert "Access-Control-Allow-Origin" not in post(guarded, "old-key", Origin="https://elsewhere.example").headers


@pytest.mark.parametrize(
    ("method", "sent"), [("POST", "authorization,content-type,prefer"), ("PUT", "authorization,content-type,if-match")]
)
def test_a_browser_may_ask_before_it_sends_the_key(guarded, method, sent):
    url, session, _ = guarded
    asks = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": sent}
    reply = session.options(f"{url}/predict", headers={"Origin": PAGE, **asks}, timeout=10)
    assert (reply.status_code, reply.headers["Access-Control-Allow-Origin"]) == (200, PAGE)


def test_the_access_log_has_a_line_of_json_for_each_request_and_no_key_and_no_body(guarded):
    post(guarded, "old-key", **{"X-Request-ID": "find-me"})
    deadline, lines = time.monotonic() + 10, []
    while not lines and time.monotonic() < deadline:  # the line is written after the reply
        log = Path(guarded[2]).read_text()
        lines = [json.loads(line) for line in log.splitlines() if '"find-me"' in line]
    assert [(line["status"], line["path"], line["level"]) for line in lines] == [(200, "/predict", "info")]
    assert not any(secret in log for secret in ("old-key", "new-key", "5.1, 3.5"))  # "5.1" alone may be milliseconds


@pytest.mark.parametrize(
    ("sent", "status"), [(b"GET / HTTP/1.1\r\n" + b"a:b\r\n" * 1000, 431), (b"GET / HTTP/1.1\r\nHost: x\r\n", 408)]
)
def test_heads_have_limits_over_https_too(guarded, sent, status):
    url, session, _ = guarded
    context = ssl.create_default_context(cafile=session.verify)
    with context.wrap_socket(connect(url, timeout=HEAD_TIMEOUT_S + 8), server_hostname="127.0.0.1") as sock:
        sock.sendall(sent)
        assert [reply.status for reply in read_replies(sock, 2)] == [status]


def test_plain_http_is_not_answered(guarded):
    with pytest.raises(requests.ConnectionError):
        whole.get(guarded[0].replace("https", "http") + "/livez", timeout=5)


def test_the_authority_is_needed(guarded):
    with pytest.raises((requests.exceptions.SSLError, ssl.SSLError)):
        whole.get(f"{guarded[0]}/livez", timeout=5)
