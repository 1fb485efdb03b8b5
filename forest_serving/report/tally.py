"""All records as counts, over time, in memory that does not grow with them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.drift.columns import MISSING
from forest_serving.report import durations
from forest_serving.report.batches import Batch
from forest_serving.report.shift import Shift
from forest_serving.report.truth import Score, Truth

MOST_SPANS = 96
Ints = NDArray[np.int64]


@dataclass
class Span:
    """What was answered in a span of time.

    Attributes:
        counts: of the bins of all columns, as drift/ says.
        durations: of requests, as durations.py says.
        n_rows: how many.
        n_requests: how many requests they came in.
        answer_sum: of a regressor's numbers.
        score: of those whose truth is known.
    """

    counts: Ints
    durations: Ints = field(default_factory=lambda: np.zeros(durations.N_BINS, np.int64))
    n_rows: int = 0
    n_requests: int = 0
    answer_sum: float = 0.0
    score: Score = field(default_factory=Score)

    def add(self, other: "Span") -> None:
        """Add another span."""
        self.counts = self.counts + other.counts
        self.durations = self.durations + other.durations
        self.n_rows, self.n_requests = self.n_rows + other.n_rows, self.n_requests + other.n_requests
        self.answer_sum += other.answer_sum
        self.score.add(other.score)


class Tally:
    """Counts batches.

    Args:
        shift: counts values.
        width_s: of a span of time, to begin with; it doubles when there are more than MOST_SPANS.
        truth: what the answers should have been.

    Attributes:
        spans: by their number since 1970.
        versions: how many rows each version answered.
        endpoints: how many requests asked at each path.
        n_absent: for each feature, how many records lack it.
    """

    def __init__(self, shift: Shift, width_s: float, truth: Truth | None) -> None:
        self.shift, self.width_s, self.truth = shift, width_s, truth
        self.spans: dict[int, Span] = {}
        self.versions: Counter[str] = Counter()
        self.endpoints: Counter[str] = Counter()
        self.n_absent = np.zeros(shift.n_features, np.int64)

    def add(self, batch: Batch) -> None:
        """Count a batch."""
        self.versions.update(line.version for line in batch.lines)
        firsts = np.array([line.row == 0 for line in batch.lines], np.bool_)
        self.endpoints.update(line.endpoint for line in batch.lines if line.row == 0)
        self.n_absent += batch.absent.sum(axis=0)
        right = self.truth.compare(batch) if self.truth else None
        keys = np.floor_divide(batch.times_s, self.width_s).astype(np.int64)
        for key in np.unique(keys).tolist():
            self._add(key, self._span(batch, np.flatnonzero(keys == key), firsts, right))
        while len(self.spans) > MOST_SPANS:
            self._widen()

    def in_order(self) -> list[tuple[float, Span]]:
        """Return when each span begins, in seconds since 1970, and the span."""
        return [(key * self.width_s, self.spans[key]) for key in sorted(self.spans)]

    def total(self) -> Span:
        """Return all together."""
        found = Span(np.zeros(self.shift.n_bins, np.int64))
        for span in self.spans.values():
            found.add(span)
        return found

    def _span(self, batch: Batch, places: NDArray[np.intp], firsts: NDArray[np.bool_], right: Any) -> Span:
        counts = self.shift.count(batch.rows[places], batch.answers[places])
        for feature, n_absent in enumerate(batch.absent[places].sum(axis=0)[: self.shift.n_features].tolist()):
            counts[self.shift.places[feature].start + MISSING] -= n_absent
        begun = places[firsts[places]].tolist()
        took_s = np.array([batch.lines[place].duration_s for place in begun], np.float64)
        answer_sum = float(batch.answers[places].sum()) if not self.shift.is_classifier else 0.0
        score = Score() if right is None else right.of(places)
        return Span(counts, durations.count(took_s), len(places), len(begun), answer_sum, score)

    def _add(self, key: int, span: Span) -> None:
        if key in self.spans:
            self.spans[key].add(span)
        else:
            self.spans[key] = span

    def _widen(self) -> None:
        spans, self.spans, self.width_s = self.spans, {}, 2 * self.width_s
        for key, span in spans.items():
            self._add(key // 2, span)


def width_of(times_s: Sequence[float]) -> float:
    """Return the width of spans that suits a log with these times at the ends of its files."""
    return max(1.0, (max(times_s) - min(times_s)) / (MOST_SPANS * 2 // 3))
