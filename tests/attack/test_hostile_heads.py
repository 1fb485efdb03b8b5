"""Request lines and headers that no client should send, and other protocols on this port."""

import pytest

from tests.support.verdicts import PLAIN, answers, is_plain, verdict
from tests.support.wire import GOOD, GOOD_BODY, ask, request

HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(200))
WEBSOCKET = (b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13")
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
H2C = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__")


def good(*headers, **line):
    """Return a request with the good body."""
    return request(GOOD_BODY, *headers, **line)


SENT = {  # what → the bytes, and what is allowed
    "a header line of 30 KiB": (good(b"X-A: " + b"a" * 30_720), 200),
    "a header line of 64 KiB": (good(b"X-A: " + b"a" * 65_536), 431),
    "a header name of 64 KiB": (good(b"a" * 65_536 + b": x"), 431),
    "100 headers": (good(*[b"X-%d: y" % n for n in range(98)]), 200),
    "101 headers": (good(*[b"X-%d: y" % n for n in range(99)]), 431),
    "2,000 headers": (good(*[b"X-%d: y" % n for n in range(2000)]), 431),
    "2,000 times the same header": (good(*[b"Content-Type: application/json"] * 2000), 431),
    "300,000 headers of one name": (good(*[b"a:%d" % n for n in range(300_000)]), 431),
    "bytes above 127 in a header": (good(b"X-A: \xff\xfe"), 200),
    "bytes above 127 as the media type": (good(b"Content-Type: \xff\xfe"), 415),
    "a form": (good(b"Content-Type: multipart/form-data; boundary=x"), 415),
    "another format only": (good(b"Accept: application/xml"), 406),
    "no format at all": (good(b"Accept: */*;q=0"), 406),
    "a NUL in a header": (good(b"X-A: a\x00b"), PLAIN),
    "CR in a header": (good(b"X-A: a\rb"), PLAIN),
    "LF in a header": (good(b"X-A: a\nX-B: b"), PLAIN),
    "no colon": (good(b"XA"), PLAIN),
    "no name": (good(b": a"), PLAIN),
    "a space in a name": (good(b"X A: a"), PLAIN),
    "bytes above 127 in a name": (good(b"X\xff: a"), PLAIN),
    "a method in small letters": (good(method=b"post"), PLAIN),
    "a method that does not exist": (good(method=b"BREW"), PLAIN),
    "a method of 10 KB": (good(method=b"A" * 10_240), PLAIN),
    "no method": (good(method=b""), PLAIN),
    "CONNECT to another host": (good(method=b"CONNECT", target=b"example.org:443"), PLAIN),
    "an absolute target": (good(target=b"http://example.org/predict"), 200),
    "an absolute target without a path": (good(target=b"http://example.org"), PLAIN),
    "an impossible port": (good(target=b"http://example.org:999999999/predict"), PLAIN),
    "an asterisk": (request(method=b"OPTIONS", target=b"*"), 404),
    "two slashes": (good(target=b"//predict"), 404),
    "a percent-encoded letter": (good(target=b"/%70redict"), 200),
    "a percent-encoded NUL": (good(target=b"/predict%00"), 404),
    "percent-encoded CR and LF": (good(target=b"/a%0d%0aX-A:%20b"), 404),
    "percent signs without digits": (good(target=b"/%zz%"), 404),
    "percent-encoded bytes that are not UTF-8": (good(target=b"/%ff%fe%ed%a0%80"), 404),
    "a NUL in the path": (good(target=b"/pre\x00dict"), PLAIN),
    "bytes above 127 in the path": (good(target="/ü".encode()), PLAIN),
    "a space in the path": (good(target=b"/a b"), PLAIN),
    "a path of 100 KB": (good(target=b"/" + b"a" * 100_000), 414),
    "a query of 30 KB": (good(target=b"/predict?" + b"a" * 30_000), 200),
    "a query of 60 KB": (good(target=b"/predict?" + b"a" * 60_000), 414),
    "a path without a slash": (good(target=b"predict"), PLAIN),
    "no path": (good(target=b""), PLAIN),
    "a way out of a folder": (request(method=b"GET", target=b"/static_content/../../../etc/passwd"), 404),
    "a hidden way out": (request(method=b"GET", target=b"/static_content/%2e%2e/%2e%2e/etc/passwd"), 404),
    "a file name of 5 KB": (request(method=b"GET", target=b"/static_content/" + b"a" * 5000), 404),
    "a file name with a NUL": (request(method=b"GET", target=b"/static_content/%00"), 404),
    "a body for a health path": (request(b"x" * 3_000_000, target=b"/livez"), 405),
    "HTTP/1.0": (good(version=b"HTTP/1.0"), 200),
    "HTTP/0.9": (b"GET /model\r\n\r\n", 200),
    "HTTP/9.9": (good(version=b"HTTP/9.9"), PLAIN),
    "HTTP in small letters": (good(version=b"http/1.1"), PLAIN),
    "lines that end in LF": (GOOD.replace(b"\r\n", b"\n"), PLAIN),
    "1,000 empty lines before the request": (b"\r\n" * 1000 + GOOD, 200),
    "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", PLAIN),
    "TLS": (HELLO, PLAIN),
    "SSH": (b"SSH-2.0-OpenSSH_9.9\r\n", PLAIN),
    "a proxy's header": (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + GOOD, PLAIN),
    "an upgrade to HTTP/2": (good(*H2C), 200),
    "an upgrade to TLS": (good(b"Connection: Upgrade", b"Upgrade: TLS/1.0"), 200),
    "an upgrade without Connection": (good(b"Upgrade: h2c"), 200),
}


@pytest.mark.parametrize(("sent", "allowed"), SENT.values(), ids=SENT)
def test_it_gets_the_answer_that_is_allowed_and_the_next_request_is_answered(attacked, sent, allowed):
    assert verdict(ask(attacked.url, sent)) == allowed
    assert answers(attacked.url)


@pytest.mark.parametrize("method", ["CONNECT", "DELETE", "GET", "HEAD", "M-SEARCH", "OPTIONS", "PUT", "QUERY", "TRACE"])
def test_any_method_that_http_has_but_the_path_has_not_is_405(attacked, method):
    (reply,) = ask(attacked.url, request(method=method.encode()))
    assert (reply.status, reply.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("value", [b";;;,,,/q=", b"a/b," * 8_000, b"*/*;q=" + b"9" * 30_000, b"\xff", b",", b"*"])
def test_an_accept_header_that_means_nothing_is_406_or_no_matter(attacked, value):
    assert verdict(ask(attacked.url, good(b"Accept: " + value))) in (200, 406)


@pytest.mark.parametrize("value", [b"a" * 30_000, b"\xff\x80", b"<script>", b"a\tb", b'"}', b"%0d%0aX-A: b"])
def test_a_request_id_that_could_do_harm_does_not_come_back(attacked, value):
    (reply,) = ask(attacked.url, good(b"X-Request-ID: " + value))
    assert reply.status == 200
    assert reply.headers["x-request-id"].encode("latin-1") != value


@pytest.mark.parametrize("key", [KEY, b"Sec-WebSocket-Key: "], ids=["key", "no key"])
@pytest.mark.parametrize(
    ("sent", "allowed"),
    [
        (request(b"", method=b"GET"), 405),
        (request(b"", method=b"GET", target=b"/livez"), 200),
        (good(), 200),
    ],
    ids=["a page", "a health path", "a body"],
)
def test_a_websocket_gets_an_answer_of_http(attacked, sent, allowed, key):
    """There is none here; as HTTP allows, the offer is passed over."""
    head, _, body = sent.partition(b"\r\n\r\n")
    assert verdict(ask(attacked.url, b"\r\n".join([head, *WEBSOCKET, key, b"", body]))) == allowed


def test_what_is_no_http_never_gets_more_than_one_answer(attacked):
    replies = ask(attacked.url, HELLO + GOOD, n_replies=2)
    assert [is_plain(reply) for reply in replies] == [True]
