"""Limits that concern several requests at once, and what each refusal leaves intact."""

import contextlib
import json
import socket
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from forest_serving.http.bodies import LARGE_BYTES
from tests.support import whole
from tests.support.servers import copy_of_store, serving

SMALL = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
ANNOUNCED = 100_000


@pytest.fixture(scope="module")
def url(bentoml_home, way, tmp_path_factory):
    """Return a server that takes 3 uploads, 2 of a key, and buffers two of them."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("limits"))
    limits = {"FOREST_MAX_UPLOADS": "3", "FOREST_MAX_UPLOADS_PER_KEY": "2", "FOREST_MAX_BUFFERED_BYTES": "170000"}
    with serving(home=home, FOREST_API_KEYS="a,b", FOREST_MAX_ROWS="2000", **limits, **way) as url:
        yield url


@contextlib.contextmanager
def uploads(url, keys, n_sent):
    """Announce large bodies with these keys and send the beginning of each; yield the sockets."""
    with contextlib.ExitStack() as stack:
        sockets = []
        for key in keys:
            address = (urlsplit(url).hostname, urlsplit(url).port)
            sockets.append(stack.enter_context(socket.create_connection(address, timeout=10)))
            fields = [
                "POST /predict HTTP/1.1",
                "Host: x",
                f"Authorization: Bearer {key}",
                f"Content-Length: {ANNOUNCED}",
            ]
            sockets[-1].sendall("\r\n".join([*fields, "", ""]).encode() + b" " * n_sent)
        yield sockets


def reply_of(sock):
    """Return a reply's status and whether it says when to come again."""
    head = sock.recv(65536)
    return int(head.split()[1]), b"retry-after: " in head


def post(url, body=None, key="a"):
    data = json.dumps(SMALL) if body is None else body
    return whole.post(f"{url}/predict", data, headers={"Authorization": f"Bearer {key}"}, timeout=10)


def test_one_key_cannot_take_all_the_places_for_large_bodies(url):
    with uploads(url, "aaa", 1000) as sockets:
        assert reply_of(sockets[2]) == (429, True)
        assert post(url, b" " * LARGE_BYTES + json.dumps(SMALL).encode(), key="b").ok


def test_more_large_bodies_than_allowed_are_429_and_small_ones_are_answered(url):
    with uploads(url, "aabb", 1000) as sockets:
        assert reply_of(sockets[3]) == (429, True)
        assert post(url).ok


def test_when_the_budget_of_bytes_is_spent_large_bodies_are_503_and_small_ones_are_answered(url):
    with uploads(url, "aab", 90_000) as sockets:
        assert reply_of(sockets[2]) == (503, True)
        assert post(url).ok


def test_what_was_taken_is_given_back(url):
    for _ in range(10):
        with uploads(url, "aab", 90_000) as sockets:
            reply_of(sockets[2])
    large = json.dumps(SMALL).encode() + b" " * 90_000
    assert [post(url, large).status_code for _ in range(10)] == [200] * 10


def test_rows_are_limited_and_the_limit_is_named(url):
    body = {n_rows: json.dumps({"instances": [[5.1, 3.5, 1.4, 0.2]] * n_rows}) for n_rows in (2000, 2001)}
    assert len(post(url, body[2000]).json()["predictions"]) == 2000
    refused = post(url, body[2001])
    assert (refused.status_code, "more values than 2,000 rows" in refused.json()["error"]) == (413, True)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("application/json", 200),
        ("application/*;q=0.1, text/html", 200),
        ("", 200),
        ("text/html", 406),
        ("application/json;q=0", 406),
        ("application/json;q=0.0, */*", 406),
    ],
)
def test_a_reply_that_is_not_wanted_is_406(url, accept, status):
    headers = {"Authorization": "Bearer a", "Accept": accept}
    assert whole.post(f"{url}/predict", json=SMALL, headers=headers, timeout=10).status_code == status


@pytest.mark.parametrize(
    ("field", "values", "status"),
    [
        ("Accept", ("text/html", "application/json"), 200),
        ("Accept", ("application/json", "text/html"), 200),
        ("Content-Type", ("text/plain", "application/json"), 415),
        ("Authorization", ("Bearer wrong", "Bearer a"), 401),
    ],
)
def test_a_header_that_comes_twice_counts_with_both_values(url, field, values, status):
    fields = {"Authorization": ["Bearer a"]} | {field: values}
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.putrequest("POST", "/predict", skip_accept_encoding=True)
    for name, each in fields.items():
        for value in each:
            connection.putheader(name, value)
    connection.putheader("Content-Length", len(json.dumps(SMALL)))
    connection.endheaders(json.dumps(SMALL).encode())
    assert connection.getresponse().status == status
    connection.close()


@pytest.mark.parametrize(("given", "kept"), [("a-B_c.1", True), ("x" * 128, True), ("x" * 129, False), ("a b", False)])
def test_a_sane_request_id_comes_back_and_any_other_is_replaced(url, given, kept):
    reply = whole.post(f"{url}/predict", json=SMALL, headers={"X-Request-ID": given}, timeout=10)
    assert reply.status_code == 401  # refusals have one, too
    assert (reply.headers["X-Request-ID"] == given) is kept
