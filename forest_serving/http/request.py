"""A request: what its head says, and what has become of it."""

from re import compile as pattern

import msgspec

from forest_serving.monitoring.outcome import Fields
from forest_serving.protocols.endpoint import TARGET, Endpoint, EventualReply, Headers

is_sane_id = pattern(rb"[A-Za-z0-9._-]{1,128}").fullmatch


class Request(msgspec.Struct):
    """A request's head; the lane keeps one for all requests whose heads are equal.

    Attributes:
        method: in capitals.
        path: decoded.
        fields: all header fields, their names in small letters.
        headers: the same, different ones of one name joined; and the target, as endpoint.py says.
        place: the path, if it is one of ours, with {id} for an id: a stranger must not make new series of metrics.
        given_id: the X-Request-ID, if it came with one that can be repeated.
        endpoint: what answers, once the request is admitted.
        key: which API key it came with.
        timing: the header fields beside Server-Timing, if the reply has that.
    """

    method: str
    path: str
    fields: Fields
    headers: Headers
    given_id: bytes | None
    place: str = "unknown"
    endpoint: Endpoint | None = None
    key: int | None = None
    timing: Fields | None = None


class Exchange(msgspec.Struct):
    """A request that is being answered.

    Attributes:
        request: its head.
        started_s: when that was there, by perf_counter.
        reply: what was decided, if it was.
    """

    request: Request
    started_s: float
    reply: EventualReply | None = None


def read_request(method: str, path: str, fields: Fields, target: bytes) -> Request:
    """Return what a head says.

    Args:
        method: in capitals.
        path: decoded.
        fields: all header fields.
        target: the path as it came, and the query.
    """
    headers = dict(fields)
    if len(headers) < len(fields):
        headers = joined(fields)
    headers[TARGET] = target
    given = headers.get(b"x-request-id")
    return Request(method, path, fields, headers, given if given and is_sane_id(given) else None)


def joined(fields: Fields) -> dict[bytes, bytes]:
    """Return headers, different ones of one name joined with commas as RFC 9110, section 5.3, says."""
    found: dict[bytes, dict[bytes, None]] = {}
    for name, value in fields:
        found.setdefault(name, {})[value] = None
    return {name: b",".join(values) for name, values in found.items()}
