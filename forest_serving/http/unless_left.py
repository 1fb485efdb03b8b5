"""Replies that nobody waits for any more are not worked out to their end."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, TypeVar

_Reply = TypeVar("_Reply")
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def unless_left(answering: Coroutine[Any, Any, _Reply], receive: _Receive) -> _Reply | None:
    """Return the reply to a request that is here whole, or None if its client leaves before.

    Args:
        answering: makes the reply. It is stopped where it waits, or leaves others their turn.
        receive: what ASGI gives; it tells when the client has left.
    """
    answer = asyncio.ensure_future(answering)
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait([answer, leaving], return_when=asyncio.FIRST_COMPLETED)
        return await answer if answer.done() else None
    finally:
        answer.cancel()
        leaving.cancel()


async def _left(receive: _Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass  # the body, which the lane has read before
