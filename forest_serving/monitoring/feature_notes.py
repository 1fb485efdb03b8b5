"""What was noted where rows are asked for by id, counted many at a time."""

from forest_serving.features.tally import Tally
from forest_serving.monitoring.counts import AGE_BOUNDS_S, DURATION_BOUNDS_S, no_feature_counts, observe


class FeatureNotes:
    """Counts what a store's tally says.

    Args:
        tally: the store's.
    """

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.counts = no_feature_counts()

    def fold(self) -> None:
        """Count what was noted."""
        counts, tally = self.counts, self.tally
        counts.fetches.update(tally.fetches)
        counts.ids.update(tally.ids)
        observe(counts.fetch_s, DURATION_BOUNDS_S, tally.durations_s)
        observe(counts.ages_s, AGE_BOUNDS_S, tally.ages_s)
        tally.durations_s.clear()
        tally.ages_s.clear()
        counts.n_waiting, counts.n_down = tally.n_waiting, int(not tally.is_up)
