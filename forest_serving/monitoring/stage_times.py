"""How long stages of requests took: marks are kept as they came, and counted many at a time."""

import numpy as np

from forest_serving.monitoring.counts import STAGE_BOUNDS_S, Counts, add
from forest_serving.stages import BETWEEN, N_MARKS, STAGES

_BOUNDS_S = np.array([0.0, *STAGE_BOUNDS_S])  # up to the first falls what was left out
_N_PLACES = len(_BOUNDS_S) + 1
_FIRST_PLACES = np.arange(len(STAGES)) * _N_PLACES
_BELONGS = np.array([[between == stage for stage in STAGES] for between in BETWEEN], np.float64)


class StageTimes:
    """Counts the marks of requests that predict.

    Args:
        counts: where they are counted.
    """

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self._marks: list[float] = []  # of one request after another
        self.note = self._marks.extend

    def fold(self) -> None:
        """Count what was noted."""
        if self._marks:
            marks = np.fromiter(self._marks, np.float64, len(self._marks)).reshape(-1, N_MARKS)
            self._marks.clear()
            times_s = (marks[:, 1:] - marks[:, :-1]) @ _BELONGS
            places = (_BOUNDS_S.searchsorted(times_s) + _FIRST_PLACES).ravel()
            found = np.bincount(places, minlength=_N_PLACES * len(STAGES)).reshape(-1, _N_PLACES)[:, 1:]
            for stage, n_values, sum_s in zip(STAGES, found.tolist(), times_s.sum(axis=0).tolist(), strict=True):
                add(self.counts.stages_s[stage], n_values, sum_s)
