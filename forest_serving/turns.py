"""Work in steps of about a millisecond: done at once, or with turns for others in between."""

import asyncio
from collections.abc import Generator
from typing import TypeVar

_Result = TypeVar("_Result")


def at_once(steps: Generator[None, None, _Result]) -> _Result:
    """Return what comes of all steps, without turns for others."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _Result = end.value
            return result


async def in_turns(steps: Generator[None, None, _Result]) -> _Result:
    """Return what comes of all steps; other requests have their turn after each."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _Result = end.value
            return result
        await asyncio.sleep(0)
