"""The last resort against a process that was told to leave and hangs: a thread that ends it.

A process hangs where its event loop does no more turns: in a write to a pipe that nobody reads, in a disk that does not
answer, in a thread that the interpreter waits for at its end. A loop that turns may still wait for a slow client, and
gets some patience.
"""

import threading
import time
from collections.abc import Callable

TICK_S = 0.25
HANGS_S = 2.5  # so long without a turn, once the process should have left
LOOP_S = 0.5  # how often a loop must say that it turns


class LastResort(threading.Thread):
    """Ends the process some time after it was told to leave, unless it does so by itself.

    Args:
        end: what ends the process; called in this thread.
        at_tick: what else this thread does every TICK_S seconds.
    """

    def __init__(self, end: Callable[[], None], at_tick: Callable[[], None] = lambda: None) -> None:
        super().__init__(name="last resort", daemon=True)
        self._end, self._at_tick = end, at_tick
        self._leaves_at = self._ends_at = float("inf")
        self._has_turned = True

    def leave_after(self, drain_s: float, patience_s: float) -> None:
        """Note that the process is to leave. Signals' handlers may call this; the shortest times count.

        Args:
            drain_s: seconds until it should begin to leave.
            patience_s: how long it may take from then on, while its loop still turns.
        """
        leaves_at = time.monotonic() + drain_s
        self._leaves_at = min(self._leaves_at, leaves_at)
        self._ends_at = min(self._ends_at, leaves_at + patience_s)

    def turned(self) -> None:
        """Note that the event loop turns; to be called at least every LOOP_S seconds."""
        self._has_turned = True

    def run(self) -> None:
        """Look every TICK_S seconds. Ticks are counted, as a machine may sleep between two of them."""
        hung_s = 0.0
        while True:
            time.sleep(TICK_S)
            self._at_tick()
            hung_s = 0.0 if self._has_turned else hung_s + TICK_S
            self._has_turned = False
            now = time.monotonic()
            if now > self._ends_at or (now > self._leaves_at + HANGS_S and hung_s > HANGS_S):
                self._end()
