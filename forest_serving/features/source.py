"""What a source of features is: whoever writes these few lines has a source of their own."""

from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

Record = bytes  # a JSON object: {feature: number, text, boolean or null}
Records = Sequence[Record | None]  # in the order of the ids; None for an id that nothing is stored under


class SourceFailed(Exception):
    """A source could not be asked. The message says why, for the log; clients are told another one."""


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


class Features(Protocol):
    """What the request path asks: a local source, or what asks another one for many requests together."""

    def find(self, ids: Sequence[str]) -> Records | Coroutine[Any, Any, Records]:
        """Return what is stored under ids, at once if that is possible; they may come several times.

        Raises:
            SourceDown, SourceTooSlow, SourceBusy: if the store cannot be asked.
        """
        ...
