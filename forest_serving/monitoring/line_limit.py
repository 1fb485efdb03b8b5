"""How many lines of one kind are logged: a stranger who is refused a million times must not fill the disk."""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable
from contextlib import suppress
from time import monotonic
from typing import Any

PER_S = 5.0
BURST = 50
SUMMARY_S = 10.0


class LineLimit:
    """Lets a burst of each kind of line through, then a few a second; of the others it tells how many there were.

    Args:
        tell: called in the event loop with a kind and a number of lines of it, SUMMARY_S after the first.
    """

    def __init__(self, tell: Callable[[Any, int], None]) -> None:
        self.tell = tell
        self._full_by: dict[Hashable, float] = {}  # when a kind's bucket, which each line empties a little, is full
        self._suppressed: Counter[Hashable] = Counter()

    def allows(self, kind: Hashable) -> bool:
        """Return whether a line is to be logged; there must be few kinds."""
        now = monotonic()
        full_by = max(self._full_by.get(kind, 0.0), now) + 1 / PER_S
        if full_by - now > BURST / PER_S:
            self._suppress(kind)
            return False
        self._full_by[kind] = full_by
        return True

    def _suppress(self, kind: Hashable) -> None:
        if not self._suppressed:
            with suppress(RuntimeError):  # outside an event loop, the next sum tells of it
                asyncio.get_running_loop().call_later(SUMMARY_S, self.sum_up)
        self._suppressed[kind] += 1

    def sum_up(self) -> None:
        """Tell how many lines there were since the last time."""
        suppressed, self._suppressed = self._suppressed, Counter()
        for kind, n_lines in suppressed.items():
            self.tell(kind, n_lines)
