"""A record as it is shown: {"id", "features", "etag", "updated_at"}."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, NamedTuple

import msgspec

from forest_serving.errors import UnfitRecord
from forest_serving.features.records import WRITTEN, etag_of
from forest_serving.protocols.endpoint import encode
from forest_serving.rows.json_body import JSON_ERRORS
from forest_serving.rows.words import shown_id

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Stored(NamedTuple):
    """What is stored under an id.

    Attributes:
        id: which.
        record: as it is stored.
        features: name → value.
        written: when, if that is known.
    """

    id: str
    record: bytes
    features: Mapping[str, Any]
    written: str | None

    @property
    def time(self) -> datetime | None:
        """When it was written, by UTC, if that is known."""
        try:
            time = datetime.fromisoformat(self.written or "")
            return time.astimezone(UTC) if time.tzinfo else None
        except (ValueError, ArithmeticError):  # the latter for the year 1, east of Greenwich
            return None

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers of a reply about it."""
        modified = [(b"last-modified", format_datetime(self.time, usegmt=True).encode())] if self.time else []
        return [(b"etag", etag_of(self.record).encode()), *modified]

    def shown(self) -> dict[str, Any]:
        """Return what clients see of it."""
        etag = etag_of(self.record)
        return {"id": self.id, "features": self.features, "etag": etag, "updated_at": self.written}

    def body(self) -> bytes:
        """Return that as JSON."""
        return encode(self.shown())


def stored(id: str, record: bytes) -> Stored:
    """Return what is stored under an id.

    Raises:
        UnfitRecord: if somebody else put something there that is no JSON object.
    """
    try:
        features = _decode(record)
    except JSON_ERRORS:
        fix = "store {feature: value}"
        raise UnfitRecord(f'What is stored under "{shown_id(id)}" is no JSON object; {fix}.') from None
    written = features.pop(WRITTEN, None)
    return Stored(id, record, features, written if isinstance(written, str) else None)
