"""Lengths and chunks that servers disagree about, which is what request smuggling lives on.

Every attack is followed by a good request in the same packet. If the frame is refused, nothing after it may be
answered: where the next request begins is then a guess.
"""

import gzip

import pytest

from tests.support.verdicts import PLAIN, answers, verdict
from tests.support.wire import CHUNKED, GOOD, GOOD_BODY, ask, chunked, chunks, request

N = len(GOOD_BODY)
SIZE = b"%x\r\n" % N
SENT = chunks(GOOD_BODY)
UNFRAMED = {
    "a negative length": request(GOOD_BODY, length=b"-1"),
    "a length with a plus": request(GOOD_BODY, length=b"+%d" % N),
    "a list of lengths": request(GOOD_BODY, length=b"%d, %d" % (N, N)),
    "a length of 10^30": request(GOOD_BODY, length=b"1" + b"0" * 30),
    "a length of 2^64": request(GOOD_BODY, length=b"%d" % 2**64),
    "a hexadecimal length": request(GOOD_BODY, length=b"0x25"),
    "no length after the colon": request(GOOD_BODY, length=b""),
    "a length with a space inside": request(GOOD_BODY, length=b"3 7"),
    "a length with an underscore": request(GOOD_BODY, length=b"3_7"),
    "a fraction": request(GOOD_BODY, length=b"37.0"),
    "one length twice": request(GOOD_BODY, b"Content-Length: %d" % N),
    "two lengths": request(GOOD_BODY, b"Content-Length: 5"),
    "a length, then chunks": request(SENT, CHUNKED),
    "chunks, then a length": chunked(SENT, CHUNKED, b"Content-Length: 5"),
    "chunked, chunked": chunked(SENT, b"Transfer-Encoding: chunked, chunked"),
    "two headers that say chunked": chunked(SENT, CHUNKED, CHUNKED),
    "chunked before gzip": chunked(SENT, b"Transfer-Encoding: chunked, gzip"),
    "identity": chunked(SENT, b"Transfer-Encoding: identity"),
    "another word": chunked(SENT, b"Transfer-Encoding: xchunked"),
    "a quoted word": chunked(SENT, b'Transfer-Encoding: "chunked"'),
    "a space before the colon": chunked(SENT, b"Transfer-Encoding : chunked"),
    "a vertical tab before the word": chunked(SENT, b"Transfer-Encoding: \x0bchunked"),
    "a folded header": chunked(SENT, b"Transfer-Encoding:\r\n chunked"),
    "a chunk size that is no number": chunked(b"zz\r\n" + GOOD_BODY),
    "a negative chunk size": chunked(b"-25\r\n" + GOOD_BODY),
    "a chunk size with 0x": chunked(b"0x25\r\n" + GOOD_BODY + b"\r\n0\r\n\r\n"),
    "a chunk size beyond 64 bits": chunked(b"f" * 17 + b"\r\n" + GOOD_BODY),
    "an empty chunk size": chunked(b"\r\n" + GOOD_BODY + b"\r\n0\r\n\r\n"),
    "a chunk longer than it says": chunked(SIZE + GOOD_BODY + b"XX0\r\n\r\n"),
    "chunk lines that end in LF": chunked(b"25\n" + GOOD_BODY + b"\n0\n\n"),
    "a trailer that is a length": chunked(SENT[:-2] + b"Content-Length: 7\r\n\r\n"),
    "a chunk extension of 100 KB": chunked(b"25;" + b"a" * 100_000 + b"\r\n" + GOOD_BODY + b"\r\n0\r\n\r\n"),
    "10,000 trailers": chunked(SENT[:-2] + b"X-A: b\r\n" * 10_000 + b"\r\n"),
}
FRAMED = {
    "a length amid spaces": request(GOOD_BODY, length=b"  %d \t" % N),
    "a length with zeros before it": request(GOOD_BODY, length=b"%060d" % N),
    "the word in capitals": chunked(SENT, b"TRANSFER-ENCODING: CHUNKED"),
    "a tab before the word": chunked(SENT, b"Transfer-Encoding:\tchunked"),
    "a chunk size with zeros before it": chunked(b"00000025\r\n" + SENT[len(SIZE) :]),
    "chunk extensions": chunked(b'25;a=b;c="d"\r\n' + GOOD_BODY + b"\r\n0;x\r\n\r\n"),
    "a chunk extension of 30 KB": chunked(b"25;" + b"a" * 30_000 + b"\r\n" + GOOD_BODY + b"\r\n0\r\n\r\n"),
    "1,000 trailers": chunked(SENT[:-2] + b"X-A: b\r\n" * 1000 + b"\r\n"),
    "100,000 chunks of one byte": chunked(chunks(*(b"%c" % byte for byte in GOOD_BODY.ljust(100_000)))),
}


@pytest.mark.parametrize("sent", UNFRAMED.values(), ids=UNFRAMED)
def test_a_body_whose_end_is_unclear_is_refused_and_ends_the_connection(attacked, sent):
    """Only uvicorn's parser sees these, so the refusal is its plain 400."""
    assert verdict(ask(attacked.url, sent + GOOD, n_replies=3)) == PLAIN
    assert answers(attacked.url)


@pytest.mark.parametrize("sent", FRAMED.values(), ids=FRAMED)
def test_an_odd_frame_that_is_clear_is_read_and_the_next_request_is_found(attacked, sent):
    first, second = ask(attacked.url, sent + GOOD, n_replies=2)
    assert (verdict([first]), first.body) == (200, b'{"predictions":[0]}')
    assert second.body == first.body


def test_a_body_without_any_length_is_no_body_and_then_no_request(attacked):
    """The request is answered as one without a body; what follows cannot be read, so the connection ends."""
    (only,) = ask(attacked.url, chunked(GOOD_BODY, b"X-A: b") + GOOD, n_replies=3)
    assert (only.status, only.headers["connection"]) == (400, "close")


@pytest.mark.parametrize("length", [2**63 - 1, 2**63, 2**64 - 1])
def test_a_length_that_overflows_other_servers_is_413(attacked, length):
    assert verdict(ask(attacked.url, request(b"", length=b"%d" % length))) == 413


def test_a_body_compressed_for_the_transfer_is_refused(attacked):
    """It is allowed by HTTP, unlike Content-Encoding by the client's choice; nobody here would decompress it."""
    sent = chunked(chunks(gzip.compress(GOOD_BODY)), b"Transfer-Encoding: gzip, chunked")
    assert verdict(ask(attacked.url, sent)) in (400, 415)


@pytest.mark.parametrize(
    ("refused", "status"),
    [
        (request(b"x" * 2_000_000), 413),
        (chunked(chunks(*[b" " * 65_536] * 40)), 413),
        (request(b"x" * 2_000_000, target=b"/nothing"), 404),
        (request(b"x" * 500_000, b"Content-Type: text/plain"), 415),
        (request(b"x" * 500_000, method=b"PUT"), 405),
        (request(b"x" * 500_000, method=b"GET", target=b"/model"), 200),
    ],
    ids=["413", "413 chunked", "404", "415", "405", "200 to a GET with a body"],
)
def test_a_body_that_nobody_reads_is_never_taken_for_a_request(attacked, refused, status):
    """The rest of a refused body is skipped, and what follows is answered; or the connection ends."""
    first, *more = ask(attacked.url, refused + GOOD, n_replies=2)
    assert verdict([first]) == status
    assert [reply.body for reply in more] in ([b'{"predictions":[0]}'], [])
