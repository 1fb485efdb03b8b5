"""The store, as the resources ask it: with a deadline, and its failures told as errors."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from forest_serving.errors import SourceDown
from forest_serving.features.source import Change, SourceFailed
from forest_serving.features.telling import down, too_slow
from forest_serving.protocols.predictor import Features
from forest_serving.settings import Settings

_SOON = {"Retry-After": "1"}
_Result = TypeVar("_Result")


class Asking:
    """Asks where rows are stored.

    Args:
        features: what finds rows.
        settings: the deadline in force.

    Attributes:
        can_change: whether what is stored can be changed here.
        can_page: whether all that is stored can be listed.
    """

    def __init__(self, features: Features, settings: Settings) -> None:
        self.find = features.find
        self._features: Any = features
        self._source: Any = getattr(features, "source", None)
        self._timeout_s = settings.features_timeout_s
        self.can_change = hasattr(self._source, "change")
        self._find_now = getattr(features, "find_now", self.find) if self.can_change else self.find
        self.can_page = hasattr(self._source, "page")

    def now(self, id: str) -> bytes | Coroutine[Any, Any, bytes | None] | None:
        """Return what is stored under an id; past any cache, where it can be changed here."""
        found = self._find_now([id])
        return found[0] if isinstance(found, list) else _first(found)

    async def read(self, id: str) -> bytes | None:
        """Return what is stored under an id, likewise."""
        found = self.now(id)
        return await found if isinstance(found, Coroutine) else found

    async def page(self, after: str, limit: int) -> Sequence[tuple[str, bytes]]:
        """Return what is stored behind an id; see Writable.page."""
        found: Sequence[tuple[str, bytes]] = await self._told(self._source.page(after, limit))
        return found

    async def change(self, changes: Sequence[Change]) -> Sequence[str]:
        """Make changes; see Writable.change. The source has a deadline of its own for them."""
        try:
            new: Sequence[str] = await self._source.change(changes)
        except (SourceFailed, OSError) as error:
            raise SourceDown(f"The store of features cannot be changed now: {error}.", headers=_SOON) from None
        finally:
            self._features.forget([change.id for change in changes])
        return new

    async def _told(self, asking: Coroutine[Any, Any, _Result]) -> _Result:
        """Return what the source answers."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asking
        except TimeoutError:
            raise too_slow(self._timeout_s) from None
        except (SourceFailed, OSError):
            raise down() from None


async def _first(finding: Coroutine[Any, Any, list[bytes | None]]) -> bytes | None:
    return (await finding)[0]
