"""Bodies that try the JSON reader: each is answered or refused with a sentence, and none hurts the next request."""

import gzip

import pytest

from tests.support.verdicts import answers, verdict
from tests.support.wire import GOOD_BODY, ask, request


def rows(row, n_rows=1):
    """Return a body with n_rows times the text of a row."""
    return b'{"instances": [' + b", ".join([row] * n_rows) + b"]}"


N = 1_000_000  # of whatever: fits into a body
TEXT = GOOD_BODY.decode()
ANSWERED = {
    "a million decimals": rows(b"[1, 2, 3, 0." + b"3" * N + b"]"),
    "a million decimal zeros": rows(b"[1, 2, 3, 0." + b"0" * N + b"1]"),
    "an exponent of 100,000 digits, negative": rows(b"[1, 2, 3, 1e-" + b"9" * 100_000 + b"]"),
    "zero with a huge exponent": rows(b"[1, 2, 3, 0e99999999999]"),
    "every minus zero": rows(b"[-0, -0.0, -0e0, -0E+5]"),
    "a duplicate key": b'{"instances": 1, "instances": [[5.1, 3.5, 1.4, 0.2]]}',
    "an escaped key": b'{"\\u0069nstances": [[5.1, 3.5, 1.4, 0.2]]}',
    "the largest number": rows(b"[3.4028235677973362e38, 0, 0, 0]"),
    "the smallest number": rows(b"[0, 0, 0, -3.4028235677973362e38]"),
    "four large numbers whose sum is too large": rows(b"[3e38, -3e38, 3e38, 3e38]"),
    "a megabyte of spaces": b" " * N + GOOD_BODY,
}
REFUSED = {
    "deep arrays": b'{"instances": ' + b"[" * 500_000 + b"]" * 500_000 + b"}",
    "deep objects": b'{"a":' * 150_000 + b"1" + b"}" * 150_000,
    "deep objects of our own field": b'{"instances":' * 70_000 + b"1" + b"}" * 70_000,
    "depth that is never closed": b'[{"":' * 200_000,
    "depth inside a string": b'{"instances": "' + b"[" * N + b'"}',
    "depth inside a key": b'{"' + b"{" * N + b'": 1}',
    "a million digits": rows(b"[1, 2, 3, " + b"9" * N + b"]"),
    "1e999": rows(b"[1, 2, 3, 1e999]"),
    "an exponent of 100,000 digits": rows(b"[1, 2, 3, 1e" + b"9" * 100_000 + b"]"),
    "the first number too large": rows(b"[3.4028235677973366e38, 0, 0, 0]"),
    "the first number too small": rows(b"[0, 0, 0, -3.4028235677973366e38]"),
    "an escaped lone surrogate": b'{"instances": "\\udfff"}',
    "an escaped lone surrogate as a key": b'{"\\ud800": 1, "instances": [[1, 2, 3, 4]]}',
    "a surrogate's bytes": b'{"instances": "\xed\xa0\x80"}',
    "a surrogate's bytes in a key": b'{"\xed\xa0\x80": 1}',
    "overlong UTF-8": b'{"\xc0\xaf": 1}',
    "half a character": b'{"instances": "\xe2\x82',
    "a duplicate key, the last one bad": b'{"instances": [[1, 2, 3, 4]], "instances": 1}',
    "80,000 keys": b"{" + b",".join(b'"%d":1' % key for key in range(80_000)) + b"}",
    "a byte-order mark": b"\xef\xbb\xbf" + GOOD_BODY,
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16 without a mark": TEXT.encode("utf-16-le"),
    "UTF-32": TEXT.encode("utf-32"),
    "a gzip bomb that does not say so": gzip.compress(b" " * 50 * N),
    "NUL bytes": b"\x00" * 1000,
    "a NUL after the object": GOOD_BODY + b"\x00",
    "a NUL in a key": b'{"instances\\u0000": 1}',
    "a terminal's escape codes in a key": b'{"\\u001b[31m\\r\\nX: y": 1, "instances": 1}',
    "text turned round in a key": b'{"\\u202einstances": 1, "instances": 1}',
    "a very long key": b'{"' + b"k" * N + b'": 1, "instances": 1}',
    "a leading zero": rows(b"[01, 2, 3, 4]"),
    "a plus sign": rows(b"[+1, 2, 3, 4]"),
    "hexadecimal": rows(b"[0x1, 2, 3, 4]"),
    "two objects": GOOD_BODY * 2,
    "a comment": b"/**/" + GOOD_BODY,
    "a trailing comma": rows(b"[1, 2, 3, 4],"),
    "250,000 strings": rows(b'""', 250_000),
    "250,000 empty rows": rows(b"[]", 250_000),
}


@pytest.mark.parametrize("path", [b"/predict", b"/predict_proba"])
@pytest.mark.parametrize("body", ANSWERED.values(), ids=ANSWERED)
def test_an_odd_body_that_means_four_finite_numbers_is_answered(attacked, path, body):
    assert verdict(ask(attacked.url, request(body, target=path))) == 200


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_any_other_body_is_400_or_413_and_the_next_request_is_answered(attacked, body):
    assert verdict(ask(attacked.url, request(body))) in (400, 413)
    assert answers(attacked.url)


@pytest.mark.parametrize("encoding", [b"gzip", b"x-gzip", b"deflate", b"br", b"zstd", b"identity, gzip", b"\xff", b""])
def test_a_bomb_that_says_so_is_415_unread(attacked, encoding):
    body = gzip.compress(b" " * 10 * N)
    assert verdict(ask(attacked.url, request(body, b"Content-Encoding: " + encoding))) == 415


def test_an_encoding_cannot_hide_behind_another_header_of_that_name(attacked):
    headers = (b"Content-Encoding: gzip", b"Content-Encoding: identity")
    assert verdict(ask(attacked.url, request(gzip.compress(GOOD_BODY), *headers))) in (400, 415)
