"""A few connections to one server, made when they are needed and kept as long as they work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar


class Connection(Protocol):
    """What is kept: asyncpg's, for one."""

    def is_closed(self) -> bool:
        """Return whether it is of no use any more."""
        ...

    def terminate(self) -> None:
        """Close it at once, without a word to the server."""
        ...


_Kept = TypeVar("_Kept", bound=Connection)


class Connections(Generic[_Kept]):
    """Lends connections, each to one borrower at a time.

    One whose borrower was cancelled is closed at once, as nobody knows what would be read from it next; a pool that
    waits until the server confirms the cancellation waits forever for one that hangs. To make one, however, goes on
    when its borrower is cancelled, or begins anew if it left too little of the deadline for a reply, and the next
    borrower gets it: else there would never be one to a server that is far away.

    Args:
        connect: makes a connection, in bounded time.
        most: how many there may be; further borrowers wait.
        spares: returns whether an error leaves a connection as good as it was. Any other is taken as the end of those
            that are not lent, too: a server that was started again has cut all of them.
    """

    def __init__(
        self, connect: Callable[[], Awaitable[_Kept]], most: int, spares: Callable[[BaseException], bool]
    ) -> None:
        self._connect = connect
        self._spares = spares
        self._places = asyncio.Semaphore(most)
        self._idle: list[_Kept] = []
        self._unfinished: list[asyncio.Task[_Kept]] = []  # whose borrowers were cancelled

    @asynccontextmanager
    async def borrowed(self) -> AsyncIterator[_Kept]:
        """Lend a connection; raise what connecting raises."""
        async with self._places:
            connection, is_new = await self._working()
            try:
                yield connection
            except BaseException as error:
                if not self._spares(error):
                    connection.terminate()
                    if isinstance(error, Exception):  # so the borrower was not cancelled
                        self._close_idle()
                    elif is_new:  # with one that stands already, the next one may be in time
                        self._unfinished.append(self._begun())
                raise
            finally:
                if not connection.is_closed():
                    self._idle.append(connection)

    def close(self) -> None:
        """Close all that are not lent."""
        for making in self._unfinished:
            making.add_done_callback(_close_if_made)
            making.cancel()
        self._unfinished = []
        self._close_idle()

    def _close_idle(self) -> None:
        for connection in self._idle:
            connection.terminate()
        self._idle = []

    async def _working(self) -> tuple[_Kept, bool]:
        """Return a connection, and whether its borrower had to wait for it."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection, False
        return await self._made(), True

    async def _made(self) -> _Kept:
        making = self._unfinished.pop() if self._unfinished else self._begun()
        if making.done() and making.exception():  # long ago, perhaps
            return await self._made()
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            self._unfinished.append(making)
            raise

    def _begun(self) -> asyncio.Task[_Kept]:
        async def connect() -> _Kept:
            return await self._connect()

        return asyncio.create_task(connect())


def _close_if_made(making: asyncio.Task[_Kept]) -> None:
    if not making.cancelled() and not making.exception():
        making.result().terminate()
