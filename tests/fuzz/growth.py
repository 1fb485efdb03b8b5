"""Time that is linear in bytes: what a piece of a body costs when it is repeated until the body is large.

An input is a number and three parts with 0xff between them, which no text contains: what is asked, the beginning, the
piece, the end. Where a piece has 0xfe, each repetition has its number, so that names can differ.
"""

from functools import lru_cache, partial
from itertools import count

from tests.fuzz.checks import in_time
from tests.fuzz.connections import converse

N_BYTES = 900_000  # nearly as many as a body may have
ASKED = (
    ("/predict", b"application/json"),
    ("/predict_proba", b"application/json"),
    ("/v1/models/NAME:predict", b"application/json"),
    ("/predictions/NAME", b"application/json"),
    ("/invocations", b"application/json"),
    ("/invocations", b"application/jsonlines"),
    ("/invocations", b"text/csv"),
    ("/v2/models/NAME/infer", b"application/json"),
)  # and for any other number, a connection


def check_growth(service, content):
    """Check that a large request is answered, whatever the answer, within its time."""
    place, start, piece, end = (content.split(b"\xff", 3) + [b""] * 4)[:4]
    if not piece:
        return
    sent = start + repeated(piece, N_BYTES - len(start) - len(end)) + end
    number = place[0] if place else 0
    if number < len(ASKED):
        path, kind = ASKED[number]
        run = partial(service.post, path, sent, (b"content-type", kind))
    else:
        run = partial(converse, service, sent, in_lane=True)
    in_time(run, len(sent))


@lru_cache(4)  # once for all services
def repeated(piece, n_bytes):
    """Return repetitions of a piece that fill so many bytes."""
    if b"\xfe" not in piece:
        return piece * (n_bytes // len(piece))
    parts, length, numbers = [], 0, count()
    while length < n_bytes:
        parts.append(piece.replace(b"\xfe", b"%d" % next(numbers)))
        length += len(parts[-1])
    return b"".join(parts)
