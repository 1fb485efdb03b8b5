"""Requests that Hypothesis makes up: the answer is always one that is documented, in our form."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.verdicts import PLAIN, REFUSALS, verdict
from tests.support.wire import GOOD_BODY, ask, bare, request

PATHS = [
    "/predict",
    "/predict_proba",
    "/model",
    "/docs.json",
    "/",
    "/livez",
    "/readyz",
    "/metrics",
    "/static_content/x",
]
METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "QUERY"]
NAMES = ["Accept", "Accept-Encoding", "Authorization", "Content-Type", "Content-Encoding", "Cookie", "Expect", "Origin"]
NAMES += ["Range", "TE", "Upgrade", "If-Match", "X-Request-ID", "traceparent", "Forwarded", "X-HTTP-Method-Override"]
VALUES = [
    "*/*",
    "text/html;q=0",
    "application/json",
    "gzip",
    "identity",
    "100-continue",
    "bytes=0-1",
    "h2c",
    "Bearer x",
]

text = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30)
headers = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | text), max_size=4)
targets = st.sampled_from(PATHS) | st.text("/%abc0129.;?#[]@", max_size=20).map("/{}".format)
methods = st.sampled_from(METHODS) | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ-_", min_size=1, max_size=10)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
bodies = st.one_of(
    st.binary(max_size=200),
    values.map(lambda value: json.dumps(value).encode()),
    st.lists(st.lists(leaves, min_size=3, max_size=5), max_size=3).map(
        lambda rows: json.dumps({"instances": rows}).encode()
    ),
)


@st.composite
def mutated(draw, original=GOOD_BODY):
    """Return a body with a few bytes changed, removed or put in."""
    body = bytearray(original)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        body[start : start + draw(st.integers(0, 3))] = draw(
            st.binary(max_size=3) | st.sampled_from([b"[", b'"', b"1e"])
        )
    return bytes(body)


@settings(max_examples=120)
@given(body=bodies | mutated(), path=st.sampled_from([b"/predict", b"/predict_proba"]))
def test_any_body_is_answered_or_refused_with_a_sentence(attacked, body, path):
    assert verdict(ask(attacked.url, request(body, target=path))) in (200, 400)


@settings(max_examples=120)
@given(method=methods, target=targets, lines=headers, body=bodies | mutated())
def test_any_request_is_answered_as_documented(attacked, method, target, lines, body):
    """A head that the parser refuses gets its plain 400, anything else our JSON or a page."""
    sent = [f"{name}: {value}".encode("latin-1") for name, value in lines]
    replies = ask(attacked.url, request(body, *sent, method=method.encode(), target=target.encode()))
    assert verdict(replies) in (200, *REFUSALS, PLAIN)


@settings(max_examples=150)
@given(sent=mutated(request(GOOD_BODY)) | st.binary(min_size=1, max_size=300) | mutated(bare(b"GET /model HTTP/1.1")))
def test_any_bytes_get_one_documented_answer_at_most(attacked, sent):
    """The client says that it sends no more, so what is incomplete ends without an answer."""
    replies = ask(attacked.url, sent, half_close=True)
    assert not replies or verdict(replies) in (200, *REFUSALS, PLAIN)
