"""What is said of a store that cannot be asked: to clients in the reply, to operators in the log, not for each."""

import logging
from time import monotonic

from forest_serving.errors import RequestError, SourceBusy, SourceDown, SourceTooSlow
from forest_serving.features.tally import Tally

QUIET_S = 10.0  # between two lines of the log about failures
_RETRY = {"Retry-After": "1"}
_LOG = logging.getLogger("bentoml.forest")


def down() -> RequestError:
    """Return the error for a store that cannot be asked."""
    return SourceDown("The store of features cannot be asked now; ask again in a second.", headers=_RETRY)


def too_slow(timeout_s: float) -> RequestError:
    """Return the error for a store that did not answer in time."""
    sentence = f"The store of features did not answer within {timeout_s:g} s (FOREST_FEATURES_TIMEOUT_S); ask again."
    return SourceTooSlow(sentence, headers=_RETRY)


def busy(n_ids: int) -> RequestError:
    """Return the error for a store that so many ids wait for that no more may."""
    return SourceBusy(f"{n_ids:,} ids wait for the store of features already; ask again in a second.", headers=_RETRY)


class Telling:
    """Logs how a store is.

    Args:
        tally: learns whether it is up.
    """

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self._quiet_until = 0.0

    def failed(self, reason: str, fault: Exception | None = None) -> None:
        """Say why the store failed, with a traceback if that is a fault of its code; not if it was said just now."""
        self.tally.is_up = False
        if (now := monotonic()) >= self._quiet_until:
            self._quiet_until = now + QUIET_S
            _LOG.warning("The store of features cannot be asked: %s", reason[:500], exc_info=fault)

    def succeeded(self) -> None:
        """Say that the store is back, if it was said to have failed."""
        if not self.tally.is_up:
            self.tally.is_up = True
            if self._quiet_until > monotonic() - QUIET_S:
                _LOG.warning("The store of features answers again.")
