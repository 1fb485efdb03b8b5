"""The conditions that a request makes: If-Match, If-None-Match, If-Modified-Since (RFC 9110, section 13)."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from forest_serving.errors import Changed
from forest_serving.features.records import etag_of
from forest_serving.protocols.endpoint import Headers

_TAG = re.compile(rb'(?:W/)?"[!#-~\x80-\xff]*"')  # no spaces here: to find that none is there would take cubic time


def check_to_change(headers: Headers, record: bytes | None) -> None:
    """Raise Changed if a request's conditions do not allow that what is stored is changed.

    Args:
        headers: the request's.
        record: what is stored; None for nothing.
    """
    etag = None if record is None else etag_of(record)
    if b"if-match" in headers and not _names(headers[b"if-match"], etag):
        found = "Nothing is stored here any more" if etag is None else f"Something else is stored here now, {etag}"
        raise Changed(f"{found}; read it, and change that.")
    if b"if-none-match" in headers and _names(headers[b"if-none-match"], etag, is_weak=True):
        raise Changed("Something is stored here already; read it, and change that with If-Match.")


def has_if_match(headers: Headers) -> bool:
    """Return whether a request says what it wants to change, be it whatever there is."""
    return b"if-match" in headers


def is_known(headers: Headers, record: bytes, time: datetime | None) -> bool:
    """Return whether a client has a record already.

    Args:
        headers: the request's.
        record: what is stored.
        time: when it was written, if that is known.
    """
    if b"if-none-match" in headers:
        return _names(headers[b"if-none-match"], etag_of(record), is_weak=True)
    since = _time_in(headers.get(b"if-modified-since", b""))
    return bool(since and time and time.replace(microsecond=0) <= since)


def _names(field: bytes, etag: str | None, is_weak: bool = False) -> bool:
    """Return whether a list of entity tags, or *, names one; weak tags name it where that will do."""
    if field.strip() == b"*":
        return etag is not None
    tags = [tag.removeprefix(b"W/") if is_weak else tag for tag in _TAG.findall(field)]
    return etag is not None and etag.encode() in tags


def _time_in(text: bytes) -> datetime | None:
    try:
        time = parsedate_to_datetime(text.decode("ascii"))
    except (ValueError, ArithmeticError):
        return None
    return time if time.tzinfo else None
