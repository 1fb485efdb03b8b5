"""Records that were fetched a short while ago, to be used again. What is stored nowhere is not kept.

cachetools' TTLCache drops what is too old, tells no age, and takes ten times as long for a look-up.
"""

from collections.abc import Iterable, Sequence
from math import inf
from time import monotonic

from forest_serving.features.source import Record
from forest_serving.settings import Settings

_NOTHING = (None, inf)  # which is never the oldest
_NEVER = (None, -inf)


class Cache:
    """Up to FOREST_FEATURES_CACHE_IDS records; those that were fetched first go first.

    Args:
        settings: how many, how long, and how much longer while the store is down.
    """

    def __init__(self, settings: Settings) -> None:
        self.most_ids = settings.features_cache_ids
        self.fresh_s = settings.features_cache_s
        self.stale_s = settings.features_cache_s + settings.features_stale_s
        self._kept: dict[str, tuple[Record, float]] = {}  # with the time of the fetch, by which they are in order

    def fresh(self, ids: Sequence[str]) -> tuple[list[Record | None], float]:
        """Return what may be used of ids, None for the others, and the age of the oldest."""
        return self._younger(ids, self.fresh_s)

    def stale(self, ids: Sequence[str]) -> tuple[list[Record | None], float]:
        """Return what may be used while the store cannot be asked, likewise."""
        return self._younger(ids, self.stale_s)

    def _younger(self, ids: Sequence[str], than_s: float) -> tuple[list[Record | None], float]:
        now = monotonic()
        since = now - than_s
        kept = [each if each and each[1] > since else _NOTHING for each in map(self._kept.get, ids)]
        return [record for record, _ in kept], now - min([fetched_at for _, fetched_at in kept])

    def keep(self, found: Iterable[tuple[str, Record | None]], fetched_at: float) -> None:
        """Keep what was found by a fetch that began at a time by monotonic()."""
        kept = self._kept
        for id, record in found:
            if kept.get(id, _NEVER)[1] > fetched_at:
                continue  # a fetch that began later was faster
            kept.pop(id, None)  # so that it comes last
            if record is not None:
                kept[id] = record, fetched_at
        for _ in range(len(kept) - self.most_ids):
            del kept[next(iter(kept))]

    def forget(self, ids: Iterable[str]) -> None:
        """Drop what is kept of ids."""
        for id in ids:
            self._kept.pop(id, None)
