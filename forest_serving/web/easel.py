"""Pictures are drawn one at a time: a row would have to wait for a turn of each."""

from asyncio import Lock
from collections.abc import Callable, Coroutine
from typing import Any

from forest_serving.errors import TooManyPictures

MOST_WAITING = 8  # of which each can take a large forest half a second


class Easel:
    """Where one picture is drawn, and a few wait for their turn."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._n_waiting = 0

    async def draw(self, answer: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Return the answer once it is this one's turn.

        Raises:
            TooManyPictures: if enough wait already.
        """
        if self._n_waiting >= MOST_WAITING:
            sentence = f"{MOST_WAITING} pictures wait to be drawn already; ask again in a second."
            raise TooManyPictures(sentence, headers={"Retry-After": "1"})
        self._n_waiting += 1
        try:
            async with self._lock:
                return await answer()
        finally:
            self._n_waiting -= 1
