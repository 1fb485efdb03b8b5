"""What is counted where features are found: plain numbers, which monitoring folds and tells."""

from collections import Counter

OUTCOMES = ("ok", "failed", "too_slow")
ORIGINS = ("fetched", "joined", "cache", "stale")


class Tally:
    """Counts of one worker.

    Attributes:
        fetches: how many ended how, one of OUTCOMES.
        ids: how many came from where, one of ORIGINS: those are joined that another request of the same fetch, or the
            same request once more, asked for.
        durations_s: of fetches, since whoever folds them last took them.
        ages_s: of the oldest record that a request got from the cache, likewise.
        n_waiting: ids that are being waited for.
        is_up: whether the last fetch succeeded.
    """

    def __init__(self) -> None:
        self.fetches: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.durations_s: list[float] = []
        self.ages_s: list[float] = []
        self.n_waiting = 0
        self.is_up = True
