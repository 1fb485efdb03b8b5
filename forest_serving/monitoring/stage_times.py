"""How long stages of requests took: marks are kept as they came, and counted many at a time."""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from forest_serving.monitoring.counts import STAGE_BOUNDS_S, Counts, add
from forest_serving.stages import BETWEEN, BETWEEN_BY_ID, STAGES

_BOUNDS_S = np.array([0.0, *STAGE_BOUNDS_S])  # up to the first falls what was left out
_N_PLACES = len(_BOUNDS_S) + 1
_FIRST_PLACES = np.arange(len(STAGES)) * _N_PLACES
_BELONGS = [
    np.array([[name == stage for stage in STAGES] for name in names], np.float64) for names in (BETWEEN, BETWEEN_BY_ID)
]


class StageTimes:
    """Counts the marks of requests that predict.

    Args:
        counts: where they are counted.
    """

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self._marks: list[Sequence[float]] = []
        self.note = self._marks.append

    def fold(self) -> None:
        """Count what was noted."""
        for belongs in _BELONGS:
            n_marks = len(belongs) + 1
            if found := [marks for marks in self._marks if len(marks) == n_marks]:
                values = np.fromiter(chain.from_iterable(found), np.float64, n_marks * len(found))
                self._count(np.diff(values.reshape(-1, n_marks)) @ belongs)
        self._marks.clear()

    def _count(self, times_s: np.ndarray) -> None:
        """Count times, shape (n_requests, n_stages)."""
        places = (_BOUNDS_S.searchsorted(times_s) + _FIRST_PLACES).ravel()
        found = np.bincount(places, minlength=_N_PLACES * len(STAGES)).reshape(-1, _N_PLACES)[:, 1:]
        for stage, n_values, sum_s in zip(STAGES, found.tolist(), times_s.sum(axis=0).tolist(), strict=True):
            add(self.counts.stages_s[stage], n_values, sum_s)
