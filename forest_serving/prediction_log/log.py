"""The log itself: requests are put into a queue, and a thread writes them. No request waits for it.

Few rows become records where they are answered, many requests at a time: a thread that made them would want the
interpreter's lock nearly all the time, and each request would pay for waking it. What finds the queue full, or cannot
be written, is dropped and counted.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

from forest_serving.prediction_log.records import Noted, Part, Record, Recorder, parts_of

QUEUE_BYTES = 2**25  # about what a worker's queue may take, before the last request that it takes
END_S = 1.0  # how long the last records may take
# Waking a thread costs a busy worker some milliseconds, as both want the interpreter's lock then.
GATHER_S = 1.0
_HURRY_BYTES = QUEUE_BYTES // 8  # in the queue, for which the thread wakes before that
REST_S = 60.0  # after so long without records, the sink does what is due
_WRITE_BYTES = 2**20  # written at a time, and lost at a time if it cannot be
_SLICE_VALUES = 2_000  # made into records at a time, which takes about half a millisecond
_ROW_BYTES, _VALUE_BYTES, _NUMBER_BYTES = 250, 25, 8  # of a line, of a value in it, of a number in an array
_N_HASHES = 2**32
QUEUE, FAULT = "queue", "fault"  # reasons for dropping; a sink's name is a third
_LOG = logging.getLogger("bentoml.forest")


class Sink(Protocol):
    """Where records go; OSError says that some are lost."""

    @property
    def name(self) -> str:
        """The reason for dropping what it does not take."""
        ...

    def prepare(self, records: Sequence[Record]) -> Any:
        """Return records as write takes them."""
        ...

    def write(self, prepared: Iterable[Any]) -> None:
        """Write what prepare returned for some, or raise OSError."""
        ...

    def rest(self) -> None:
        """Do what is due after a while without records."""
        ...


class _Work(NamedTuple):
    """What is in the queue: records that are prepared, or a request of many rows; how many rows, and bytes."""

    prepared: Any
    noted: Noted | None
    n_rows: int
    n_bytes: int


class PredictionLog:
    """Keeps requests for predictions.

    Args:
        recorder: makes records.
        sink: where they go.
        share: how many of all requests are to be kept, up to 1: those with crc32(id) < share * 2**32, so that every
            service that sees an id agrees.

    Attributes:
        kept_below: whoever keeps requests keeps those whose CRC-32 of the id is below.
        n_rows: rows written.
        dropped: rows that were to be written but were not, by reason.
        told: called in the thread once these have changed.
    """

    def __init__(self, recorder: Recorder, sink: Sink, share: float = 1.0) -> None:
        self.kept_below = share * _N_HASHES
        self.n_rows = 0
        self.dropped = {QUEUE: 0, sink.name: 0, FAULT: 0}
        self.told: Callable[[], None] = lambda: None
        self._recorder, self._sink = recorder, sink
        self._slice_rows = max(1, _SLICE_VALUES // recorder.n_values)
        self._row_bytes = _ROW_BYTES + _VALUE_BYTES * recorder.n_values
        self._few: list[Noted] = []
        self._queue: deque[_Work] = deque()
        # Each is changed by one thread only, so that neither waits for a lock.
        self._n_taken = self._n_done = 0  # bytes
        self._thread: threading.Thread | None = None
        self._wake, self._hurry = threading.Event(), threading.Event()
        self._is_resting = False
        self._has_failed = False

    def keep(self, noted: Noted) -> None:
        """Keep a request; its rows and answers must not change."""
        rows, results = noted[-1]
        if self._n_taken - self._n_done > QUEUE_BYTES:
            self.dropped[QUEUE] += len(results)
        elif type(rows) is list:
            self._few.append(noted)
            if len(self._few) >= self._slice_rows:
                self.flush()
        else:
            self._put(_Work(None, noted, len(results), len(results) * self._recorder.n_values * _NUMBER_BYTES))

    def flush(self) -> None:
        """Hand to the thread what was kept."""
        few, self._few = self._few, []
        for parts in parts_of(few, self._slice_rows):
            n_rows = _n_rows(parts)
            if prepared := self._prepared(parts):
                self._put(_Work(prepared, None, n_rows, n_rows * self._row_bytes))

    def close(self) -> None:
        """Return when all is written, or after END_S."""
        self.flush()
        self._hurry.set()
        deadline = time.monotonic() + END_S
        while self._n_taken > self._n_done and time.monotonic() < deadline:
            time.sleep(0.005)

    def _put(self, work: _Work) -> None:
        self._n_taken += work.n_bytes
        self._queue.append(work)
        if self._n_taken - self._n_done > _HURRY_BYTES:
            self._hurry.set()
        if self._is_resting or self._thread is None:
            self._is_resting = False
            self._wake.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="predictions", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            self._wait()
            self._hurry.wait(GATHER_S)
            self._hurry.clear()
            while self._queue:
                works = self._next_works()
                self._write_all(works)
                self._n_done += sum(work.n_bytes for work in works)
            self.told()

    def _wait(self) -> None:
        """Return once there is something in the queue."""
        self._wake.clear()
        self._is_resting = True
        if self._queue:  # it came before it could wake us
            self._is_resting = False
            return
        while not self._wake.wait(REST_S):
            with suppress(OSError):
                self._sink.rest()

    def _next_works(self) -> list[_Work]:
        """Return a request of many rows, or what is prepared, as much as is written at a time."""
        found, n_bytes = [self._queue.popleft()], 0
        while self._queue and found[0].prepared and self._queue[0].prepared and n_bytes < _WRITE_BYTES:
            found.append(self._queue.popleft())
            n_bytes += found[-1].n_bytes
        return found

    def _write_all(self, works: Sequence[_Work]) -> None:
        if works[0].noted is None:
            self._write([work.prepared for work in works], sum(work.n_rows for work in works))
            return
        for parts in parts_of([works[0].noted], self._slice_rows):
            if prepared := self._prepared(parts):
                self._write([prepared], _n_rows(parts))

    def _prepared(self, parts: Sequence[Part]) -> Any:
        """Return records as the sink takes them; None if they cannot be made."""
        try:
            return self._sink.prepare(self._recorder.records(parts))
        except Exception as error:  # neither a request nor the thread must end with it
            self._lose(FAULT, _n_rows(parts), error)
            return None

    def _write(self, prepared: Sequence[Any], n_rows: int) -> None:
        try:
            self._sink.write(prepared)
        except OSError as error:
            self._lose(self._sink.name, n_rows, error)
        except Exception as error:
            self._lose(FAULT, n_rows, error)
        else:
            self.n_rows += n_rows
            self._has_failed = False

    def _lose(self, reason: str, n_rows: int, error: Exception) -> None:
        self.dropped[reason] += n_rows
        if not self._has_failed:  # once: the log of the server may be on the same full disk
            fault = None if isinstance(error, OSError) else error
            _LOG.warning("Rows of the prediction log are lost (%s); they are counted.", error, exc_info=fault)
        self._has_failed = True


def _n_rows(parts: Sequence[Part]) -> int:
    return sum(len(noted[-1][1]) for noted, _ in parts)
