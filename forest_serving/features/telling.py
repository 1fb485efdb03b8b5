"""What is said of a store that cannot be asked: to clients in the reply, to operators in the log, not for each."""

import logging
from collections.abc import Sequence
from time import monotonic

from forest_serving.errors import RequestError, SourceBusy, SourceDown, SourceTooSlow, TooManyRows
from forest_serving.features.source import Record, SourceFailed
from forest_serving.features.tally import Tally

QUIET_S = 10.0  # between two lines of the log about failures
_MOST_CHARACTERS = 500  # of what a store says
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


def too_much(max_bytes: int) -> RequestError:
    """Return the error for records that are too long together."""
    limit = f"{max_bytes:,} bytes (FOREST_MAX_BUFFERED_BYTES)"
    return TooManyRows(f"What is stored under these ids has more than {limit}; ask for fewer at a time.")


def checked(found: Sequence[Record | None], n_ids: int) -> list[Record | None]:
    """Return what a source returned for a number of ids.

    Raises:
        SourceFailed: if that cannot be.
    """
    if len(found) != n_ids:
        raise SourceFailed(f"It returned {len(found):,} records for {n_ids:,} ids.")
    return found if isinstance(found, list) else list(found)


class Telling:
    """Logs how a store is.

    Args:
        tally: learns whether it is up.
    """

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self._quiet_until = 0.0

    def failed(self, error: Exception) -> None:
        """Say why the store failed, with a traceback if that is a fault of its code; not if it was said just now."""
        self.tally.is_up = False
        if (now := monotonic()) >= self._quiet_until:
            self._quiet_until = now + QUIET_S
            why = (str(error) or type(error).__name__)[:_MOST_CHARACTERS]
            fault = None if isinstance(error, OSError | SourceFailed) else error
            _LOG.warning("The store of features cannot be asked: %s", why, exc_info=fault)

    def succeeded(self) -> None:
        """Say that the store is back, if it was said to have failed."""
        if not self.tally.is_up:
            self.tally.is_up = True
            if self._quiet_until > monotonic() - QUIET_S:
                _LOG.warning("The store of features answers again.")
