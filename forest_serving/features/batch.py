"""The ids that some requests want, to be fetched together, and what these requests wait for."""

import asyncio
from collections.abc import Callable, Iterator, Sequence

from forest_serving.errors import RequestError
from forest_serving.features.source import Record

Found = list[Record | None]


class Batch:
    """What is fetched together.

    Args:
        new_future: the event loop's.

    Attributes:
        asked: the ids of all requests, one request after another.
        ids: the same without doubles, once that was asked for.
        changed: ids that were changed meanwhile, so that what is fetched may be what was before.
        timer: for the deadline.
        task: what fetches; None as long as nothing does.
        is_over: whether all requests have been told.
    """

    __slots__ = ("_new_future", "_waiters", "asked", "changed", "ids", "is_over", "task", "timer")

    timer: asyncio.TimerHandle

    def __init__(self, new_future: Callable[[], "asyncio.Future[Found]"]) -> None:
        self.task: asyncio.Task[None] | None = None
        self.asked: list[str] = []
        self.ids: list[str] = []
        self.changed: set[str] = set()
        self.is_over = False
        self._new_future = new_future
        self._waiters: list[tuple[asyncio.Future[Found], Sequence[str]]] = []

    def join(self, ids: Sequence[str]) -> "asyncio.Future[Found]":
        """Return what will be the records of ids."""
        waiter = self._new_future()
        self.asked += ids
        self._waiters.append((waiter, ids))
        return waiter

    def take(self) -> list[str]:
        """Return the ids without doubles; nothing can join any more."""
        self.ids = list(dict.fromkeys(self.asked))
        return self.ids

    def answer(self, records: Found) -> None:
        """Give each request its records, out of those of the ids without doubles."""
        for (waiter, _), found in zip(self._waiters, self._shares(records), strict=True):
            if not waiter.done():  # as it is if its request was cancelled
                waiter.set_result(found)

    def _shares(self, records: Found) -> Iterator[Found]:
        if len(self.asked) == len(records):  # no id came twice
            end = 0
            for _, ids in self._waiters:
                begin, end = end, end + len(ids)
                yield records[begin:end]
        else:
            found = dict(zip(self.ids, records, strict=True))
            for _, ids in self._waiters:
                yield [found[id] for id in ids]

    def refuse(self, error: RequestError, instead: Callable[[Sequence[str]], Found | None]) -> None:
        """Give each request an error, but to those for whose ids there is something instead, that."""
        for waiter, ids in self._waiters:
            if waiter.done():
                continue
            if (found := instead(ids)) is None:
                waiter.set_exception(type(error)(error.message, headers=error.headers))  # each one's own traceback
            else:
                waiter.set_result(found)
