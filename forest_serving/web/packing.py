"""Replies made shorter for clients that take gzip."""

import asyncio
import re
import zlib

from forest_serving.protocols.endpoint import Headers

PACKED = (b"content-encoding", b"gzip")
VARIES = (b"vary", b"accept-encoding")
_NEVER = re.compile(rb"\s*q\s*=\s*0(\.0*)?\s*")  # how a client says that it does not take an encoding
_FORMAT = 31  # zlib's number for gzip with the largest window
_PART_BYTES = 65_536  # which take less than a millisecond, often much less


def takes_gzip(headers: Headers) -> bool:
    """Return whether a client takes gzip."""
    offers = (each.partition(b";") for each in headers.get(b"accept-encoding", b"").lower().split(b","))
    return any(name.strip() == b"gzip" and not _NEVER.fullmatch(quality) for name, _, quality in offers)


async def packed(body: bytes) -> bytes:
    """Return a body as gzip, in the quickest way; other requests have their turn in between."""
    packer = zlib.compressobj(level=1, wbits=_FORMAT)
    parts = []
    for start in range(0, len(body), _PART_BYTES):
        parts.append(packer.compress(body[start : start + _PART_BYTES]))
        await asyncio.sleep(0)
    return b"".join([*parts, packer.flush()])
