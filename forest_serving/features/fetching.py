"""Asks a store that has to be waited for, for the ids of many requests at once.

The ids that arrive in one turn of the event loop are fetched together, and while MOST_FETCHES are under way, all that
arrive meanwhile. Requests never join a fetch that has begun: who has just written an id must not get what was before.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from forest_serving.errors import RequestError
from forest_serving.features.batch import Batch, Found
from forest_serving.features.breaker import Breaker
from forest_serving.features.cache import Cache
from forest_serving.features.source import Source
from forest_serving.features.tally import Tally
from forest_serving.features.telling import Telling, busy, checked, down, too_slow
from forest_serving.settings import Settings

MOST_FETCHES = 16  # under way at a time; with fewer, a store that takes half of the deadline would miss it
FETCH_IDS = 5_000  # whose names and records take about a millisecond to put together
MOST_WAITING_IDS = 20_000
CLOSE_S = 1.0
STOOD_STILL_S = 0.1  # late so much, a deadline has passed while this process was stopped, not only while it waited


class Fetching:
    """Features out of a store that has to be waited for.

    Args:
        source: the store.
        settings: the deadline and the cache in force.
    """

    def __init__(self, source: Source, settings: Settings) -> None:
        self.source = source
        self.tally = Tally()
        self.breaker = Breaker()
        self.timeout_s = settings.features_timeout_s
        self.cache = Cache(settings) if settings.features_cache_s or settings.features_stale_s else None
        self._telling = Telling(self.tally)
        self._next: Batch | None = None
        self._under_way: set[Batch] = set()

    def find(self, ids: Sequence[str]) -> Found | Coroutine[Any, Any, Found]:
        """Return what is stored under ids, in their order: at once if all is in the cache, else a coroutine for it.

        Raises:
            SourceDown, SourceTooSlow, SourceBusy: if the store cannot be asked; the coroutine raises them too.
        """
        if self.cache is None:
            return self.find_now(ids)
        known, age_s = self.cache.fresh(ids)
        n_missing = known.count(None)
        if n_missing < len(ids):
            self._note("cache", len(ids) - n_missing, age_s)
        if not n_missing:
            return known
        missing = [id for id, record in zip(ids, known, strict=True) if record is None]
        try:
            return _completed(known, self._join(missing))
        except RequestError:
            if (stale := self._stale(missing)) is None:
                raise
            return _merged(known, stale)

    def find_now(self, ids: Sequence[str]) -> Coroutine[Any, Any, Found]:
        """Return what will be found under ids, past the cache; raises as find() does."""
        return _result(self._join(ids))

    def _join(self, ids: Sequence[str]) -> "asyncio.Future[Found]":
        """Return what will be the records of ids."""
        n_waiting = self.tally.n_waiting
        if n_waiting and n_waiting + len(ids) > MOST_WAITING_IDS:
            raise busy(n_waiting)
        waiter = (self._next or self._begin()).join(ids)
        self.tally.n_waiting += len(ids)
        return waiter

    def _begin(self) -> Batch:
        if not self.breaker.admits():
            raise down()
        loop = asyncio.get_running_loop()
        batch = self._next = Batch(loop.create_future)
        batch.timer = loop.call_later(self.timeout_s, self._expire, batch)
        loop.call_soon(self._send)
        return batch

    def _send(self) -> None:
        """Fetch what has come together, unless enough is under way."""
        batch = self._next
        if batch is None or len(self._under_way) >= MOST_FETCHES:
            return
        self._next = None
        self._under_way.add(batch)
        batch.task = asyncio.get_running_loop().create_task(self._fetch(batch))
        batch.task.add_done_callback(lambda _: self._make_way(batch))  # also if it is cancelled before its first step

    def _make_way(self, batch: Batch) -> None:
        """Let what waits take the place of a fetch that is over."""
        self._under_way.discard(batch)
        self._send()

    async def _fetch(self, batch: Batch) -> None:
        began = monotonic()
        try:
            records = await self._ask(batch.take())
        except Exception as error:
            self._fail(batch, "failed", down(), error)
        else:
            self._succeed(batch, records, began)
        finally:
            self.tally.durations_s.append(monotonic() - began)

    async def _ask(self, ids: list[str]) -> Found:
        """Return what the source has; where a connection broke, or was not to be had, ask it once more."""
        records: Found = []
        for start in range(0, len(ids), FETCH_IDS):
            part = ids[start : start + FETCH_IDS]
            try:
                found = await self.source.fetch(part)
            except OSError:
                found = await self.source.fetch(part)
            records += checked(found, len(part))
        return records

    def _succeed(self, batch: Batch, records: Found, began: float) -> None:
        if not self._end(batch, "ok"):
            return
        self.breaker.succeeded()
        self._telling.succeeded()
        if self.cache:
            pairs = zip(batch.ids, records, strict=True)
            self.cache.keep((pair for pair in pairs if pair[0] not in batch.changed), began)
        batch.answer(records)
        self.tally.ids["fetched"] += len(records)
        self.tally.ids["joined"] += len(batch.asked) - len(records)

    def _expire(self, batch: Batch) -> None:
        """Give up waiting at the deadline; where this process stood still, what came meanwhile may be yet unread."""
        loop = asyncio.get_running_loop()
        if loop.time() - batch.timer.when() > STOOD_STILL_S:
            batch.timer = loop.call_later(STOOD_STILL_S, self._give_up, batch)
        else:
            self._give_up(batch)

    def _give_up(self, batch: Batch) -> None:
        if batch.task:
            batch.task.cancel()
        late = TimeoutError(f"It did not answer within {self.timeout_s:g} s.")
        self._fail(batch, "too_slow", too_slow(self.timeout_s), late)

    def _fail(self, batch: Batch, outcome: str, refusal: RequestError, error: Exception) -> None:
        if not self._end(batch, outcome):
            return
        self.breaker.failed()
        self._telling.failed(error)
        batch.refuse(refusal, self._stale)
        if self.breaker.is_open and self._next and self._end(waiting := self._next, outcome):
            waiting.refuse(down(), self._stale)

    def _end(self, batch: Batch, outcome: str) -> bool:
        """Take note of the end of a batch; return False if it was over before."""
        if batch.is_over:
            return False
        batch.is_over = True
        batch.timer.cancel()
        if batch is self._next:
            self._next = None
        if batch.task:
            self.tally.fetches[outcome] += 1
        self.tally.n_waiting -= len(batch.asked)
        return True

    def _stale(self, ids: Sequence[str]) -> Found | None:
        """Return records that are older than they should be; None unless there is one of each id."""
        if self.cache is None:
            return None
        known, age_s = self.cache.stale(ids)
        if None in known:
            return None
        self._note("stale", len(ids), age_s)
        return known

    def _note(self, origin: str, n_ids: int, age_s: float) -> None:
        self.tally.ids[origin] += n_ids
        self.tally.ages_s.append(age_s)

    def forget(self, ids: Sequence[str]) -> None:
        """Drop ids from the cache, as they were changed; what is being fetched now is not kept either."""
        if self.cache:
            self.cache.forget(ids)
            for batch in self._under_way:
                batch.changed.update(ids)

    async def close(self) -> None:
        """Refuse whoever waits, and give back connections."""
        for batch in [*self._under_way, *filter(None, [self._next])]:
            if batch.task:
                batch.task.cancel()
            if self._end(batch, "failed"):
                batch.refuse(down(), self._stale)
        with suppress(Exception):
            await asyncio.wait_for(self.source.close(), CLOSE_S)


async def _result(waiter: "asyncio.Future[Found]") -> Found:
    return await waiter


async def _completed(known: Found, waiter: "asyncio.Future[Found]") -> Found:
    return _merged(known, await waiter)


def _merged(known: Found, others: Found) -> Found:
    left = iter(others)
    return [next(left) if record is None else record for record in known]
