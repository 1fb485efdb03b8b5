"""Features out of a store that answers at once: a request for a few is answered without leaving the lane."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

from forest_serving.features.source import LocalSource, Record
from forest_serving.features.tally import Tally
from forest_serving.features.telling import Telling, checked, down, too_much

MOST_AT_ONCE = 200  # ids, which take up to 0.4 ms
TURN_IDS = 500
MOST_TRIES = 3


class LocalFeatures:
    """Asks a local source.

    Args:
        source: the store.
        max_bytes: the most that the records of a request may take together.
    """

    def __init__(self, source: LocalSource, max_bytes: int) -> None:
        self.source = source
        self.max_bytes = max_bytes
        self.tally = Tally()
        self._telling = Telling(self.tally)
        self._stamp = getattr(source, "stamp", int)  # a source of one's own may be without

    def find(self, ids: Sequence[str]) -> list[Record | None] | Coroutine[Any, Any, list[Record | None]]:
        """Return what is stored under ids, in their order; for many of them a coroutine, which returns that.

        Raises:
            SourceDown: if the store cannot be read.
            TooManyRows: if many records are too long together, before all of them are in memory.
        """
        return self._look_up(ids) if len(ids) <= MOST_AT_ONCE else self._look_up_many(ids)

    async def _look_up_many(self, ids: Sequence[str]) -> list[Record | None]:
        """Return what is stored at one time: in turns, unless it is changed in between again and again."""
        for _ in range(MOST_TRIES):
            stamp = self._stamp()
            found = await self._look_up_in_turns(ids)
            if self._stamp() == stamp:
                return found
        return self._look_up(ids)

    async def _look_up_in_turns(self, ids: Sequence[str]) -> list[Record | None]:
        found: list[Record | None] = []
        n_bytes = 0
        for start in range(0, len(ids), TURN_IDS):
            if start:
                await asyncio.sleep(0)
            part = self._look_up(ids[start : start + TURN_IDS])
            n_bytes += sum(map(len, filter(None, part)))
            if n_bytes > self.max_bytes:
                raise too_much(self.max_bytes)
            found += part
        return found

    def _look_up(self, ids: Sequence[str]) -> list[Record | None]:
        try:
            found = checked(self.source.look_up(ids), len(ids))
        except Exception as error:
            self._telling.failed(error)
            raise down() from None
        self._telling.succeeded()
        self.tally.ids["fetched"] += len(ids)
        return found

    def forget(self, ids: Sequence[str]) -> None:
        """Do nothing, as nothing is kept."""

    async def close(self) -> None:
        """Give back what is open; a source of one's own that cannot holds up nobody's end."""
        with suppress(Exception):
            self.source.close()
