"""Stores for tests of what asks them: each does as it is told."""

import asyncio

from forest_serving.features.fetching import Fetching
from forest_serving.settings import read_settings


class MadeUp:
    """A store of records that must be waited for.

    Attributes:
        fetched: the ids of each fetch.
        fault: what a fetch raises, if anything.
        opened: whether fetches end; those that began before it is set end then.
        n_cancelled: how many fetches were cancelled.
    """

    def __init__(self, **records):
        self.records = {id: record.encode() for id, record in records.items()}
        self.fetched = []
        self.fault = None
        self.opened = asyncio.Event()
        self.opened.set()
        self.n_cancelled = 0
        self.closed = False

    async def fetch(self, ids):
        self.fetched.append(list(ids))
        if self.fault:
            raise self.fault
        found = [self.records.get(id) for id in ids]
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            self.n_cancelled += 1
            raise
        return found

    async def close(self):
        self.closed = True


def fetching(source, **variables):
    """Return what asks a store, with these settings without their beginning: cache_s=1.

    A busy machine must not make it too slow, so it has time unless a test says otherwise.
    """
    variables = {"timeout_s": 30} | variables
    return Fetching(source, read_settings({f"FOREST_FEATURES_{name.upper()}": str(v) for name, v in variables.items()}))


async def outcome(finding):
    """Return what was found, or the name of the error."""
    try:
        return await finding if asyncio.iscoroutine(finding) else finding
    except Exception as error:
        return type(error).__name__


async def found(features, *ids):
    """Return what is found under ids, or the name of the error."""
    try:
        return await outcome(features.find(list(ids)))
    except Exception as error:
        return type(error).__name__
