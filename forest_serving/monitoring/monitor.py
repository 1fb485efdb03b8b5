"""What the gateway tells about each request: appended to a list now, counted many at a time, logged if it must be."""

from collections import defaultdict
from collections.abc import Sequence
from time import time
from typing import Any

import numpy as np

from forest_serving.monitoring.counts import DURATION_BOUNDS_S, ROW_BOUNDS, Counts, empty, observe
from forest_serving.monitoring.logs import log_request
from forest_serving.monitoring.snapshots import Snapshots
from forest_serving.settings import Settings

FOLD_REQUESTS = 200  # counting so many takes about 0.4 ms
FOLD_ROWS = 10_000  # of requests with many rows, about a quarter of that


class Monitor:
    """Counts and logs the requests of one worker.

    A request is only appended to lists: counted by itself it would take 10 µs, because the code for it would have to
    come into the processor's cache each time.

    Args:
        snapshots: where the counts are.
        ranges: each feature's lowest and highest value in the training data.
        settings: what to log.
    """

    def __init__(self, snapshots: Snapshots, ranges: Sequence[Sequence[float]], settings: Settings) -> None:
        self.snapshots = snapshots
        self.counts: Counts = snapshots.own
        self.n_in_progress = 0
        self._lows, self._highs = np.array(ranges).T
        self._log_above_s = 0.0 if settings.access_log else settings.slow_request_s
        self._n_answered = 0
        self._durations_s: dict[tuple[str, int, str], list[float]] = defaultdict(list)  # by endpoint, status, reason
        self._n_rows: list[int] = []
        self._values: list[float] = []  # of requests with few rows, row after row
        self._labels: list[int] = []
        self._arrays: list[tuple[Any, Any]] = []  # rows and labels of requests with many rows
        self._n_array_rows = 0

    def answered(self, scope: Any, endpoint: str, reply: Any, request_id: bytes, duration_s: float) -> None:
        """Note a request; log it if it was refused, slow, or everything is logged."""
        self._durations_s[endpoint, reply.status, reply.reason].append(duration_s)
        self._n_answered += 1
        if reply.reason or duration_s > self._log_above_s:
            log_request(scope, request_id, reply, duration_s)
        if self._n_answered == 1:
            self.snapshots.soon(self.fold)
        elif self._n_answered >= FOLD_REQUESTS:
            self.fold()

    def predicted(self, rows: Any, labels: Any) -> None:
        """Note what was asked and answered; labels are class indices, as a list or an array."""
        self._n_rows.append(len(labels))
        if isinstance(labels, list):
            for row in rows:
                self._values += row
            self._labels += labels
        else:
            self._arrays.append((np.asarray(rows), labels))
            self._n_array_rows += len(labels)
            if self._n_array_rows >= FOLD_ROWS:
                self._count_arrays()

    def fold(self) -> None:
        """Count what was noted."""
        counts = self.counts
        for (endpoint, status, reason), durations_s in self._durations_s.items():
            statuses = counts.durations_s.setdefault(endpoint, {})
            observe(statuses.setdefault(status, empty(DURATION_BOUNDS_S)), DURATION_BOUNDS_S, durations_s)
            if reason:
                counts.refusals[reason] = counts.refusals.get(reason, 0) + len(durations_s)
        if self._values:
            self._count(np.array(self._values).reshape(len(self._labels), -1), self._labels)
        self._count_arrays()
        observe(counts.rows, ROW_BOUNDS, self._n_rows)
        counts.n_in_progress, counts.last_request_s = self.n_in_progress, time()
        self._n_answered = 0
        for noted in (self._durations_s, self._n_rows, self._values, self._labels):
            noted.clear()

    def _count_arrays(self) -> None:
        arrays, self._arrays, self._n_array_rows = self._arrays, [], 0
        if arrays:
            rows, labels = arrays[0] if len(arrays) == 1 else map(np.concatenate, zip(*arrays, strict=True))
            for start in range(0, len(rows), FOLD_ROWS):  # so that the columns stay in the processor's cache
                self._count(rows[start : start + FOLD_ROWS], labels[start : start + FOLD_ROWS])

    def _count(self, rows: Any, labels: Any) -> None:
        columns, counts = np.ascontiguousarray(rows.T), self.counts
        for label, n_rows in enumerate(np.bincount(labels).tolist()):
            counts.predictions[label] += n_rows
        if (columns.min(axis=1) < self._lows).any() or (columns.max(axis=1) > self._highs).any():
            low, high = self._lows[:, np.newaxis], self._highs[:, np.newaxis]
            for feature, n_values in enumerate(np.count_nonzero((columns < low) | (columns > high), axis=1).tolist()):
                counts.out_of_range[feature] += n_values

    def write(self) -> None:
        """Count what was noted and hand it to the other workers."""
        self.fold()
        self.snapshots.write()

    def read(self) -> list[Counts]:
        """Return the counts of all workers."""
        self.fold()
        return self.snapshots.all()
