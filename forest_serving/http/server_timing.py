"""Server-Timing: what each stage of a prediction took, for a client that prefers to know (RFC 7240)."""

import re
from time import perf_counter

from forest_serving.monitoring.outcome import Fields
from forest_serving.protocols.endpoint import Headers, Reply
from forest_serving.stages import seconds_of

_NAME = b"server-timing"
_APPLIED: Fields = ((b"preference-applied", _NAME),)
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')


def timing_fields(headers: Headers, always: bool) -> Fields | None:
    """Return the header fields beside Server-Timing in the reply to a request; None if it is not to have that.

    Args:
        headers: the request's.
        always: whether replies have it also if nobody asks.
    """
    if _prefers_it(headers.get(b"prefer", b"")):
        return _APPLIED
    return () if always else None


def _prefers_it(preferences: bytes) -> bool:
    names = (each.partition(b";")[0].partition(b"=")[0] for each in _QUOTED.sub(b"", preferences).split(b","))
    return any(name.strip().lower() == _NAME for name in names)


def tell_times(reply: Reply, fields: Fields, started_s: float) -> None:
    """Add Server-Timing to a reply: the milliseconds of each stage that was reached, and of all until now.

    Args:
        reply: which has marks.
        fields: further ones, from timing_fields.
        started_s: when the head was there, by perf_counter.
    """
    times_s = {**seconds_of(reply.marks), "total": perf_counter() - started_s}
    told = ", ".join(f"{name};dur={taken_s * 1e3:.4f}" for name, taken_s in times_s.items())
    reply.headers = (*reply.headers, (_NAME, told.encode()), *fields)
