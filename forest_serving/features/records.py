"""What is stored under an id: a JSON object {feature: value}, to which we add when we wrote it."""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec

from forest_serving.features.source import ANYTHING, Change

MAX_RECORD_BYTES = 65_536
WRITTEN = "_updated_at"  # ours: no feature can be called so in what clients send
STAMP_BYTES = len(',"_updated_at":"2026-11-29T16:31:12.123456Z"}')  # always
_encode = msgspec.json.Encoder().encode


def etag_of(record: bytes) -> str:
    """Return the entity tag of a record: equal ones have the same, in whichever store they are."""
    return f'"{blake2b(record, digest_size=8).hexdigest()}"'


def stamp_of(time: datetime | None = None) -> bytes:
    """Return the end of a record that is written at a time, by default now."""
    text = (time or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="microseconds")
    return f',"{WRITTEN}":"{text.removesuffix("+00:00")}Z"}}'.encode()


def record_of(features: dict[str, Any], stamp: bytes) -> bytes:
    """Return a record.

    Args:
        features: name → number, text, boolean or None.
        stamp: as stamp_of returns it.
    """
    text = _encode(features)
    return text[:-1] + (stamp if features else stamp[1:])


def is_expected(change: Change, record: bytes | None) -> bool:
    """Return whether a record is what a change expects to find; None stands for nothing."""
    if change.expected == ANYTHING:
        return record is not None
    return change.expected == (None if record is None else etag_of(record))
