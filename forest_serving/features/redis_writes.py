"""Changes of features in Redis: made only if nobody else was faster, by WATCH, MULTI and EXEC.

What is listed has no order in Redis, so there are no pages.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import hiredis
from redis.exceptions import ConnectionError as BrokenConnection
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as SlowConnection

from forest_serving.errors import SourceBusy, SourceDown, SourceTooSlow
from forest_serving.features.connections import Connections
from forest_serving.features.records import is_expected
from forest_serving.features.source import Change, NotAsExpected

WRITE_S = 5.0  # for all tries together
_SOON = {"Retry-After": "1"}
_pack: Callable[[Any], bytes] = hiredis.pack_command  # which its own types would give one argument


class RedisWrites:
    """Changes strings of JSON.

    Args:
        connections: to the server, for changes only. With redis-py's own pool, some of those that were cancelled at the
            deadline waited on.
        prefix: of keys.
    """

    def __init__(self, connections: Connections[Any], prefix: str) -> None:
        self.connections = connections
        self.prefix = prefix

    async def change(self, changes: Sequence[Change]) -> list[str]:
        """Make changes; see Writable.change."""
        trial = _Trial(self.connections, self.prefix, changes)
        try:
            async with asyncio.timeout(WRITE_S):
                while (new := await trial.make()) is None:
                    pass  # somebody else was faster: look again
        except (TimeoutError, RedisError, OSError) as error:
            raise trial.told(error) from None
        return new


class _Trial:
    """Changes that are tried until nobody else changes the same meanwhile."""

    def __init__(self, connections: Connections[Any], prefix: str, changes: Sequence[Change]) -> None:
        self.connections = connections
        self.changes = changes
        self.keys = [prefix + change.id for change in changes]
        self.is_sent = False  # so that nobody knows whether the changes are made

    async def make(self) -> list[str] | None:
        """Make the changes, and return new ids; None if somebody else was faster.

        Raises:
            NotAsExpected: if other records are there than expected.
        """
        self.is_sent = False
        try:
            made = await self._made()
        except BrokenConnection:  # perhaps long ago, as the server was started again
            if self.is_sent:
                raise
            made = await self._made()
        if isinstance(made, NotAsExpected):
            raise made
        return made

    async def _made(self) -> list[str] | NotAsExpected | None:
        async with self.connections.borrowed() as kept:
            return await self._make(kept.connection)

    async def _make(self, connection: Any) -> list[str] | NotAsExpected | None:
        # MGET would take what is no string for nothing, and SET replace it.
        _, *old = await _replies(connection, ("WATCH", *self.keys), *[("GET", key) for key in self.keys])
        pairs = list(zip(self.changes, old, strict=True))
        if others := [change.id for change, record in pairs if not is_expected(change, record)]:
            await _replies(connection, ("UNWATCH",))
            return NotAsExpected(others)
        self.is_sent = True
        puts = [_put(key, change) for key, change in zip(self.keys, self.changes, strict=True)]
        *_, made = await _replies(connection, ("MULTI",), *puts, ("EXEC",))
        return None if made is None else [change.id for change, record in pairs if record is None]

    def told(self, error: Exception) -> Exception:
        """Return what clients are told of a failure."""
        is_answer = isinstance(error, RedisError) and not isinstance(error, BrokenConnection | SlowConnection)
        if self.is_sent and not is_answer:
            sentence = "The store of features did not say whether the change is made"
            return SourceTooSlow(f"{sentence}; read what is stored before you repeat it.")
        if isinstance(error, TimeoutError):
            sentence = f"The store of features did not take the change within {WRITE_S:g} s, and nothing was changed"
            return SourceBusy(f"{sentence}; repeat it.", headers=_SOON)
        reason = f"({error})" if is_answer else "now"
        sentence = f"The store of features cannot be changed {reason}, and nothing was changed."
        return SourceDown(sentence, headers=_SOON)


def _put(key: str, change: Change) -> tuple[Any, ...]:
    return ("DEL", key) if change.record is None else ("SET", key, change.record)


async def _replies(connection: Any, *commands: tuple[Any, ...]) -> list[Any]:
    """Send commands together, and return their replies.

    Raises:
        ResponseError: the first error among them. None of the commands of a transaction is carried out, then.
    """
    await connection.send_packed_command(b"".join(map(_pack, commands)), check_health=False)
    replies = [await _reply(connection) for _ in commands]
    if errors := [reply for reply in replies if isinstance(reply, ResponseError)]:
        raise errors[0]
    return replies


async def _reply(connection: Any) -> Any:
    try:
        return await connection.read_response(disable_decoding=True)
    except ResponseError as error:
        return error
