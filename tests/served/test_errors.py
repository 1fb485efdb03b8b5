"""What a server answers to requests that are wrong: the right status, one sentence, the place, nothing else."""

import json
import socket
import time
from urllib.parse import urlsplit

import pytest

from forest_serving.settings import read_settings
from tests.support import whole
from tests.support.servers import copy_of_store, serving

ROW = "[5.1, 3.5, 1.4, 0.2]"
WRONG_BODIES = {  # body → the place of the fault
    "": [],
    "{": [],
    "nonsense": [],
    "[[5.1, 3.5, 1.4, 0.2]]": [],
    "null": [],
    "{}": ["instances"],
    f'{{"instance": [{ROW}]}}': ["instances"],
    f'{{"instances": [{ROW}], "extra": 1}}': ["extra"],
    '{"instances": null}': ["instances"],
    '{"instances": []}': ["instances"],
    '{"instances": {}}': ["instances"],
    '{"instances": "abc"}': ["instances"],
    '{"instances": [5.1, 3.5, 1.4, 0.2]}': ["instances", 0],
    '{"instances": [[]]}': ["instances", 0],
    '{"instances": [[1, 2, 3]]}': ["instances", 0],
    f'{{"instances": [{ROW}, [1, 2, 3, 4, 5]]}}': ["instances", 1],
    '{"instances": [[1, 2, 3, "4"]]}': ["instances", 0, 3],
    '{"instances": [[1, true, 3, 4]]}': ["instances", 0, 1],
    '{"instances": [[1, 2, null, 4]]}': ["instances", 0, 2],
    '{"instances": [[[1], 2, 3, 4]]}': ["instances", 0, 0],
    '{"instances": [[NaN, 2, 3, 4]]}': ["instances", 0, 0],
    '{"instances": [[1, 2, 3, Infinity]]}': ["instances", 0, 3],
    '{"instances": [[1e999, 2, 3, 4]]}': [],
    '{"instances": [[1, 2, 3, 3.5e38]]}': ["instances", 0, 3],
    f'{{"instances": [[1, 2, 3, {"9" * 400}]]}}': ["instances", 0, 3],
    f'{{"instances": [[1, 2, 3, {"9" * 100_000}]]}}': [],
    "[" * 100_000: [],
    '{"instances": [[1, 2, 3, 4]]}\x00': [],
    '\ufeff{"instances": [[1, 2, 3, 4]]}': [],
    '{"\\ud800": 1}': [],
}


@pytest.mark.parametrize("path", ["/predict", "/predict_proba"])
@pytest.mark.parametrize(("body", "loc"), WRONG_BODIES.items(), ids=lambda value: ascii(value)[:40])
def test_a_wrong_body_is_400_with_a_sentence_and_the_place(either_url, path, body, loc):
    reply = whole.post(f"{either_url}{path}", body.encode("utf-8", "surrogatepass"), timeout=10)
    assert reply.status_code == 400
    assert reply.json() == {
        "error": reply.json()["error"],
        "detail": [{"loc": loc, "msg": reply.json()["error"]}] if loc else [],
    }
    assert reply.json()["error"].endswith((".", "?"))
    assert len(reply.json()["error"]) < 400  # nothing of the body that could be large is echoed


@pytest.mark.parametrize(
    "body", ['{"instances": [[1, 2, 3, 4]]}'.encode("utf-16"), b'{"instances": "\xff"}', b"\x80\x04K\x01."]
)
def test_bytes_that_are_not_utf8_json_are_400(either_url, body):
    assert whole.post(f"{either_url}/predict", body, timeout=5).status_code == 400


@pytest.mark.parametrize(
    "headers", [{"Content-Type": "text/plain"}, {"Content-Type": "application/xml"}, {"Content-Encoding": "gzip"}]
)
def test_a_body_in_another_format_is_415(either_url, headers):
    reply = whole.post(f"{either_url}/predict", b"{}", headers=headers, timeout=5)
    assert reply.status_code == 415
    assert reply.json()["error"].endswith(".")


@pytest.mark.parametrize("path", ["/nothing", "/predict/", "/metrics/", "/..%2f..%2fetc/passwd", "/%00", "/PREDICT"])
def test_an_unknown_path_is_404(either_url, path):
    reply = whole.get(f"{either_url}{path}", timeout=5)
    assert reply.status_code == 404
    assert "/predict" in reply.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/predict", "POST"),
        ("DELETE", "/predict_proba", "POST"),
        ("POST", "/model", "GET, HEAD"),
        ("PATCH", "/", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_405_and_names_the_right_ones(either_url, method, path, allow):
    reply = whole.request(method, f"{either_url}{path}", timeout=5)
    assert (reply.status_code, reply.headers["Allow"]) == (405, allow)


def test_a_body_announced_too_long_is_413_before_it_is_sent(either_url):
    head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: {read_settings().max_body_bytes + 1}\r\n\r\n"
    assert raw_reply(either_url, head.encode()).startswith(b"HTTP/1.1 413")


def test_a_length_of_many_digits_is_read_or_refused(either_url):
    """A length that no 64 bits hold is refused by uvicorn, before the gateway."""
    body = b'{"instances": [[1, 2, 3, 4]]}'
    for length, status in {b"0" * 5000 + b"%d" % len(body): 200, b"9" * 17: 413, b"9" * 5000: 400}.items():
        head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n"
        assert int(raw_reply(either_url, head + body).split()[1]) == status


def test_a_misspelt_field_is_guessed_from_the_first_few_only(either_url):
    """Comparing names is slow: 50,000 of them would block all other requests for a second."""
    misspelt = [f"snetsanci{number:06}" for number in range(20)] + ["instance"]
    reply = whole.post(f"{either_url}/predict", json=dict.fromkeys(misspelt), timeout=5).json()
    assert "did you mean" not in reply["error"]


def test_a_body_that_grows_too_long_is_413(either_url):
    chunks = (b" " * 65536 for _ in range(read_settings().max_body_bytes // 65536 + 1))
    assert whole.post(f"{either_url}/predict", data=chunks, timeout=10).status_code == 413


def test_the_longest_body_is_answered(either_url):
    body = json.dumps({"instances": [[5.1, 3.5, 1.4, 0.2]]}).encode().ljust(read_settings().max_body_bytes)
    assert whole.post(f"{either_url}/predict", body, timeout=10).json() == {"predictions": [0]}


def test_the_connection_survives_an_error(either_url):
    with whole.Session() as session:
        statuses = [session.post(f"{either_url}/predict", body, timeout=5).status_code for body in (b"{", b"[]", b"")]
        assert statuses == [400, 400, 400]
        assert session.post(f"{either_url}/predict", json={"instances": [[1, 2, 3, 4]]}, timeout=5).ok


def test_a_body_that_stalls_is_408_and_one_that_is_cut_harms_nobody(bentoml_home, way, tmp_path):
    home = copy_of_store(bentoml_home, tmp_path)
    with serving(home=home, FOREST_BODY_TIMEOUT_S="0.5", **way) as url:
        head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
        for beginning in (b"", b'{"inst'):
            start = time.monotonic()
            assert raw_reply(url, head + beginning).startswith(b"HTTP/1.1 408")
            assert 0.5 <= time.monotonic() - start < 5
        with connection(url) as cut:
            cut.sendall(head)
        assert whole.post(f"{url}/predict", json={"instances": [[1, 2, 3, 4]]}, timeout=5).ok
        assert "Traceback" not in (home / "server.log").read_text()


def connection(url):
    return socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=10)


def raw_reply(url, request):
    with connection(url) as sock:
        sock.sendall(request)
        return sock.recv(65536)
