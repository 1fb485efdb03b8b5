"""What is counted where features are found: plain numbers, which monitoring folds and tells."""

from collections import Counter


class Tally:
    """Counts of one worker.

    Attributes:
        fetches: how many ended how: "ok", "failed" or "too_slow".
        ids: how many came from where: "fetched"; "joined", as another request in the same fetch asked for them too;
            "cache"; "stale".
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
