"""A circuit breaker: a store that failed several times in a row is left alone, but for one try now and then.

circuitbreaker and purgatory, once their time is over, let in all that come until the first has failed.
"""

from time import monotonic

MOST_FAILURES = 5  # in a row
OPEN_S = 1.0


class Breaker:
    """Says whether the store may be asked."""

    def __init__(self) -> None:
        self.n_failures = 0  # in a row
        self._try_at = 0.0
        self._is_trying = False

    @property
    def is_open(self) -> bool:
        """Whether the store is left alone."""
        return self.n_failures >= MOST_FAILURES

    def admits(self) -> bool:
        """Return whether the store may be asked; where this is a try, the next one has to wait for its end."""
        if not self.is_open:
            return True
        if self._is_trying or monotonic() < self._try_at:
            return False
        self._is_trying = True
        return True

    def succeeded(self) -> None:
        """Note an answer of the store."""
        self.n_failures = 0
        self._is_trying = False

    def failed(self) -> None:
        """Note a failure, a try's or another's."""
        self.n_failures += 1
        self._is_trying = False
        self._try_at = monotonic() + OPEN_S
