"""One file for each worker's counts, so that the worker that is asked for metrics can tell those of all.

A worker that dies leaves its file, and with it all but what it counted in the last FLUSH_S seconds. BentoML empties the
folder when a server starts. Plain files, replaced as a whole: on a full disk a write fails, where prometheus_client's
shared memory would end the process.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

import msgspec
import psutil

from forest_serving.monitoring.counts import Counts

FLUSH_S = 0.1
_log = logging.getLogger("bentoml.forest")


class Snapshots:
    """The counts of all workers of one server.

    Args:
        own: this worker's counts.
        folder: where the files are; None if this is no server's worker, which then knows only its own counts.
    """

    def __init__(self, own: Counts, folder: Path | None) -> None:
        self.own = own
        self.folder = folder
        self.prefix = f"forest-{os.getppid()}-"  # two servers on one store have the same folder
        self.path = folder / f"{self.prefix}{os.getpid()}-{token_hex(4)}.json" if folder else None
        self._is_due = False
        self._has_failed = False
        self._thread = ThreadPoolExecutor(1)  # a slow disk must not make requests wait
        self._writing: Future[None] | None = None

    def soon(self, before: Callable[[], None]) -> None:
        """Within FLUSH_S, call before() and write this worker's file, unless the last write still goes on."""
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(FLUSH_S, self._after, before)

    def _after(self, before: Callable[[], None]) -> None:
        self._is_due = False
        if self._writing and not self._writing.done():
            self.soon(before)
            return
        before()
        self._begin_to_write()

    def write(self) -> None:
        """Write this worker's file now."""
        self._begin_to_write().result()

    def _begin_to_write(self) -> "Future[None]":
        self._writing = self._thread.submit(self._store, msgspec.json.encode(self.own))
        return self._writing

    def _store(self, content: bytes) -> None:
        if self.path:
            try:
                draft = self.path.with_suffix(".new")
                draft.write_bytes(content)
                draft.replace(self.path)
            except OSError as error:
                if not self._has_failed:  # once: requests go on, and the log may be on the same full disk
                    _log.warning("Counts cannot be written to %s (%s); /metrics lags.", self.folder, error)
                self._has_failed = True

    def all(self) -> list[Counts]:
        """Return this worker's counts and all that others have written."""
        return [self.own, *self._others()]

    def _others(self) -> Iterator[Counts]:
        for path in self.folder.glob(f"{self.prefix}*.json") if self.folder else ():
            with suppress(OSError, msgspec.MsgspecError):
                if path != self.path:
                    counts = msgspec.json.decode(path.read_bytes(), type=Counts)
                    if not psutil.pid_exists(int(path.name.split("-")[2])):
                        counts.n_in_progress = 0
                    yield counts
