"""Ids and parameters in a request's target, which is taken apart before anything in it is decoded."""

import re
from urllib.parse import quote, unquote_to_bytes

from forest_serving.errors import InvalidInstances
from forest_serving.protocols.by_id import fault_of
from forest_serving.protocols.endpoint import TARGET, Headers
from forest_serving.rows.words import shown

MOST_IDS, DEFAULT_IDS = 1_000, 100  # of a page
_PARAMETERS = ("limit", "after")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def id_in(headers: Headers) -> str:
    """Return the id in a path; a %2F belongs to it.

    Raises:
        InvalidInstances: if it is none.
    """
    segment = headers[TARGET].partition(b"?")[0].split(b"/")[2]
    return _checked(_decoded(segment, "The id in the path"), "The id in the path")


def path_of(id: str) -> str:
    """Return the path of an id."""
    return f"/features/{segment_of(id)}"


def segment_of(id: str) -> str:
    """Return an id as it stands in a path or query; dots are encoded, too, as clients take "." for a folder."""
    return quote(id, safe="").replace(".", "%2E") if id in (".", "..") else quote(id, safe="")


def page_in(headers: Headers) -> tuple[str, int]:
    """Return behind which id a page begins, "" for the first one, and how many ids it has at the most.

    Raises:
        InvalidInstances: if the query says neither.
    """
    found = _parameters(headers)
    after, limit = found.get("after", ""), found.get("limit", str(DEFAULT_IDS))
    if not re.fullmatch("[0-9]{1,9}", limit) or not 1 <= int(limit) <= MOST_IDS:
        raise InvalidInstances(f'The parameter "limit" must be a whole number from 1 to {MOST_IDS:,}.')
    return (_checked(after, 'The parameter "after"') if after else ""), int(limit)


def _parameters(headers: Headers) -> dict[str, str]:
    query = headers[TARGET].partition(b"?")[2]
    pairs = [pair for pair in query.split(b"&") if pair]
    found: dict[str, str] = {}
    for pair in pairs:
        name, _, value = (_decoded(part.replace(b"+", b" "), "The query") for part in pair.partition(b"="))
        if name not in _PARAMETERS:
            raise InvalidInstances(f'The parameter "{shown(name)}" is unknown; send only {" and ".join(_PARAMETERS)}.')
        if name in found:
            raise InvalidInstances(f'The parameter "{name}" comes twice; send it once.')
        found[name] = value
    return found


def _decoded(text: bytes, what: str) -> str:
    if _BAD_ESCAPE.search(text):
        raise InvalidInstances(f"{what} has a % without two hexadecimal digits; write %25 for a %.")
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise InvalidInstances(f"{what} is not UTF-8, percent-encoded.") from None


def _checked(id: str, what: str) -> str:
    if fault := fault_of(id):
        raise InvalidInstances(f"{what} {fault}.")
    return id
