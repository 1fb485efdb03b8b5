"""Sources of features, asked as a worker asks them."""

import asyncio
import contextlib
import time

import msgspec


def fetched(source, ids):
    """Return what a source finds, as Python's values, and close it."""

    async def fetch():
        async with closing(source):
            return [record and msgspec.json.decode(record) for record in await source.fetch(ids)]

    return asyncio.run(fetch())


@contextlib.asynccontextmanager
async def closing(source):
    """Close a source at the end."""
    try:
        yield source
    finally:
        await source.close()


async def within(seconds, asking):
    """Return what was asked for, or the error; cancel it after these seconds, as a deadline does."""
    task = asyncio.ensure_future(asking)
    done, _ = await asyncio.wait([task], timeout=seconds)
    if not done:
        task.cancel()
        began = time.monotonic()
        await asyncio.wait([task], timeout=10)
        assert time.monotonic() - began < 0.1, "a fetch did not end when it was cancelled"
        return None
    return task.exception() or task.result()


async def until_it_answers(source, ids, seconds=20):
    """Return what a source finds once it answers again."""
    deadline = time.monotonic() + seconds
    while not isinstance(found := await within(1, source.fetch(ids)), list):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)
    return found
