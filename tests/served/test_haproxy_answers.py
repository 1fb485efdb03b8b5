"""What clients hear when HAProxy answers itself, and when a server fails; what its log says."""

import json
import re

import pytest
import requests

from tests.support.proxies import proxying, until
from tests.support.recorder import recording
from tests.support.servers import ROOT


@pytest.fixture
def proxy(served_url, tmp_path):
    """Return a proxy in front of a real server."""
    with proxying(served_url, folder=tmp_path) as proxied:
        yield proxied


def is_error(body):
    """Return whether a reply's body has the shape of the service's own errors."""
    return list(body) == ["error", "detail"] and body["error"].endswith(".") and body["detail"] == []


def test_without_a_server_the_answer_is_503_in_the_services_own_shape(tmp_path):
    with proxying(folder=tmp_path) as proxy:
        reply = requests.get(f"{proxy.url}/model", timeout=10)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
    assert reply.headers["Content-Type"] == "application/json"
    assert is_error(reply.json())


def test_each_of_haproxys_own_answers_has_the_services_shape():
    """A 504 would take 15 seconds to provoke; the others are also heard in tests."""
    answers = re.findall(
        r"(?:http-error|return) status (\d+) .* string '(.*?)'", (ROOT / "deploy" / "haproxy.cfg").read_text()
    )
    assert [status for status, _ in answers] == ["408", "502", "503", "504", "429"]
    assert all(is_error(json.loads(body)) for _, body in answers)


def test_the_log_has_the_request_id_and_no_secret(proxy):
    headers = {"X-Request-ID": "flower-7", "Authorization": "Bearer secret-key"}
    reply = requests.post(f"{proxy.url}/predict", b'["secret-body"]', headers=headers, timeout=5)
    assert (reply.status_code, reply.headers["X-Request-ID"]) == (400, "flower-7")
    assert "{flower-7}" in until(lambda: proxy.log_of(400), 5)
    assert "secret" not in proxy.log


def test_a_body_with_an_offer_of_http_2_is_answered(proxy):
    """Java's client makes it every time."""
    headers = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": ""}
    reply = requests.post(f"{proxy.url}/predict", b'{"instances":[[6,3,5,2]]}', headers=headers, timeout=5)
    assert reply.json() == {"predictions": [2]}


def test_a_server_that_breaks_off_is_502_in_the_services_own_shape(tmp_path):
    with recording(breaks_off=True) as broken, proxying(broken.url, folder=tmp_path) as proxied:
        reply = requests.post(f"{proxied.url}/predict", b"abcde", timeout=10)
    assert (reply.status_code, is_error(reply.json())) == (502, True)


def test_what_a_server_breaks_off_the_other_one_answers(tmp_path):
    """The clients of a server that dies notice nothing."""
    with (
        recording(breaks_off=True) as broken,
        recording() as sound,
        proxying(broken.url, sound.url, folder=tmp_path) as proxied,
    ):
        replies = [requests.post(f"{proxied.url}/predict", b"abcde", timeout=10) for _ in range(20)]
    assert {reply.status_code for reply in replies} == {200}
    assert broken.received != []
