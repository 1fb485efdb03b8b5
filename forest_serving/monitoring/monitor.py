"""What the gateway tells about each request: appended to a list now, counted many at a time, logged if it must be."""

from collections import defaultdict
from itertools import chain
from pathlib import Path
from time import time
from typing import Any
from zlib import crc32

from forest_serving.card import Card
from forest_serving.features.tally import Tally
from forest_serving.monitoring import logs, output
from forest_serving.monitoring.counts import DURATION_BOUNDS_S, Counts, empty, no_counts, observe_durations, total
from forest_serving.monitoring.feature_notes import FeatureNotes
from forest_serving.monitoring.outcome import Asked, Client, Outcome, RowLog
from forest_serving.monitoring.predictions import Predictions, Recent
from forest_serving.monitoring.snapshots import Snapshots
from forest_serving.monitoring.stage_times import StageTimes
from forest_serving.monitoring.usage import Usage
from forest_serving.settings import Settings

FOLD_REQUESTS = 400  # counting so many takes 0.2 to 0.3 ms


class Monitor:
    """Counts and logs the requests of one worker.

    A request is only appended to lists: counted by itself it would take 10 µs, because the code for it would have to
    come into the processor's cache each time.

    Args:
        card: the model's, which says what there is to count; None for a service without one.
        settings: what to log, and how many rows a request may have.
        folder: where the workers of a server leave their counts for one another; None if this is no server's worker.
        tally: what is counted where rows are asked for by id; None where that is off.
        recent: counts the latest rows; None if nobody looks at these.
    """

    def __init__(
        self,
        card: Card | None,
        settings: Settings,
        folder: Path | None,
        tally: Tally | None = None,
        recent: Recent | None = None,
    ) -> None:
        self.counts = no_counts(card, max(settings.max_rows, settings.max_tensor_rows))
        self._features = FeatureNotes(tally) if tally else None
        if self._features:
            self.counts.features = self._features.counts
        self.snapshots = Snapshots(self.counts, folder)
        self.n_in_progress = 0
        self._predictions = _predictions_of(card, self.counts, recent)
        self._note = self._predictions.note
        self._stages = StageTimes(self.counts)
        self._usage = Usage(self.counts)
        self._note_marks = self._stages.note
        self._log_above_s = 0.0 if settings.access_log else settings.slow_request_s
        self._log = logs.log_request if settings.access_log else logs.log_some
        self._row_log: RowLog | None = None
        self._kept_below = 0.0  # the hashes of the ids of requests that are kept; a call for each would cost more
        self._n_answered = 0
        self._answered_s: dict[str, list[float]] = defaultdict(list)  # by endpoint, of status 200
        self._durations_s: dict[tuple[str, int, str], list[float]] = defaultdict(list)  # by endpoint, status, reason

    def keep(self, row_log: RowLog) -> None:
        """Let rows and their answers be kept."""
        self._row_log, self._kept_below, self._keep = row_log, row_log.kept_below, row_log.keep

    def answered(self, request: Asked, reply: Outcome, request_id: bytes, duration_s: float, client: Client) -> None:
        """Note a request; log it if it was refused, slow, or everything is logged.

        Args:
            request: its method and path.
            reply: what was replied; its rows and classes are counted later, so they must not change.
            request_id: as in X-Request-ID.
            duration_s: from the request's header to the reply.
            client: is asked for the client's address, if that is to be logged.
        """
        if reply.status == 200:
            self._answered_s[request.place].append(duration_s)
        else:
            self._durations_s[request.place, reply.status, reply.reason].append(duration_s)
        self._n_answered += 1
        self._note_marks(reply.marks)
        if reply.asked is not None:
            self._note(reply.asked)
            if self._kept_below and crc32(request_id) < self._kept_below:
                self._keep((time(), request_id, request.place, duration_s, reply.asked))
        if reply.reason or duration_s > self._log_above_s:
            self._log(request, client, request_id, reply, duration_s)
        if self._n_answered == 1:
            self.soon()
        elif self._n_answered >= FOLD_REQUESTS:
            self.fold()

    def fold(self) -> None:
        """Count what was noted."""
        counts = self.counts
        answered = {(endpoint, 200, ""): durations_s for endpoint, durations_s in self._answered_s.items()}
        for (endpoint, status, reason), durations_s in chain(answered.items(), self._durations_s.items()):
            statuses = counts.durations_s.setdefault(endpoint, {})
            observe_durations(statuses.setdefault(status, empty(DURATION_BOUNDS_S)), durations_s)
            if reason:
                counts.refusals[reason] = counts.refusals.get(reason, 0) + len(durations_s)
        self._predictions.fold()
        if self._features:
            self._features.fold()
        self._stages.fold()
        counts.n_in_progress, counts.last_request_s = self.n_in_progress, time()
        counts.log_lines_dropped = output.dropped_lines()
        if self._row_log is not None:
            counts.rows_logged, counts.rows_unlogged = self._row_log.n_rows, dict(self._row_log.dropped)
        self._n_answered = 0
        self._answered_s.clear()
        self._durations_s.clear()

    def soon(self) -> None:
        """Within a moment, count what was noted and hand it to the other workers."""
        self.snapshots.soon(self._settle)

    def _settle(self) -> None:
        self.fold()
        self._usage.look()
        if self._row_log is not None:
            self._row_log.flush()

    def write(self) -> None:
        """Count what was noted and hand it to the other workers; sum up what was not logged."""
        logs.LIMIT.sum_up()
        self.fold()
        self._usage.look()
        self.snapshots.write()
        output.wait_until_written()  # uvicorn ends the process by a signal

    def read(self) -> Counts:
        """Return the counts of all workers together."""
        self.fold()
        self._usage.look()
        return total(self.snapshots.all())


class _NoPredictions:
    """Stands where nothing is predicted."""

    def note(self, rows: Any, results: Any) -> None:
        """Do nothing."""

    def fold(self) -> None:
        """Do nothing."""


def _predictions_of(card: Card | None, counts: Counts, recent: Recent | None) -> Any:
    """Return what counts rows and their answers."""
    return Predictions(card, counts, recent) if card else _NoPredictions()
