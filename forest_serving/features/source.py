"""What a source of features is: whoever writes these few lines has a source of their own."""

from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

import msgspec

Record = bytes  # a JSON object: {feature: number, text, boolean or null}
Records = Sequence[Record | None]  # in the order of the ids; None for an id that nothing is stored under
MAX_ID_BYTES = 256  # of UTF-8
ANYTHING = "*"  # as what a change expects: whatever is there


class SourceFailed(Exception):
    """A source could not be asked. The message says why, for the log; clients are told another one."""


class NotAsExpected(Exception):
    """A change was not made, because something else is stored than it was made for.

    Args:
        ids: under which; not empty.
    """

    def __init__(self, ids: Sequence[str]) -> None:
        super().__init__(f"other records than expected under {len(ids)} ids")
        self.ids = ids


class Change(msgspec.Struct, frozen=True):
    """A change of what is stored under one id.

    Attributes:
        id: which.
        record: what is to be stored; None for nothing.
        expected: the ETag of what has to be there (records.etag_of); ANYTHING: whatever, but something; None: nothing
            may be there.
    """

    id: str
    record: Record | None
    expected: str | None


class Source(Protocol):
    """A store that has to be waited for."""

    async def fetch(self, ids: Sequence[str]) -> Records:
        """Return what is stored under ids, which are not empty, all different, of up to 256 bytes of UTF-8.

        Raises:
            SourceFailed, OSError: if the store cannot be asked. Whoever calls it sets a deadline, and may cancel.
        """
        ...

    async def close(self) -> None:
        """Give back connections; called once, when the worker ends."""
        ...


class LocalSource(Protocol):
    """A store that answers at once, in less than about two microseconds for each id."""

    def look_up(self, ids: Sequence[str]) -> Records:
        """Return what is stored under ids; see Source.fetch."""
        ...

    def close(self) -> None:
        """Give back what is open."""
        ...


class Writable(Protocol):
    """What a source of either kind also has, if its records can be changed here."""

    async def change(self, changes: Sequence[Change]) -> Sequence[str]:
        """Make all changes, of different ids, or none, as one step for whoever else reads and writes; return new ids.

        Raises:
            NotAsExpected: naming the ids that other records are stored under; nothing was changed then.
            SourceBusy, SourceDown: nothing was changed, nor will it be later.
            SourceTooSlow: nobody knows yet whether the changes are made.
        """
        ...

    async def page(self, after: str, limit: int) -> Sequence[tuple[str, Record]]:
        """Return ids and records behind an id, or from the first one for "", in the order of the ids' UTF-8 bytes.

        There may be fewer than limit, if they are long; there are none only at the end.
        """
        ...


class Features(Protocol):
    """What the request path asks: a local source, or what asks another one for many requests together."""

    def find(self, ids: Sequence[str]) -> Records | Coroutine[Any, Any, Records]:
        """Return what is stored under ids, at once if that is possible; they may come several times.

        Raises:
            SourceDown, SourceTooSlow, SourceBusy: if the store cannot be asked.
        """
        ...
