"""One file for each worker's counts, so that the worker that is asked for metrics can tell those of all.

A worker that dies leaves its file, and with it all but what it counted in the last FLUSH_S seconds. Plain files,
replaced as a whole: on a full disk a write fails, where prometheus_client's shared memory would end the process.
"""

import asyncio
import logging
import os
import re
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

import msgspec
import psutil

from forest_serving.monitoring.background import Background, Latest
from forest_serving.monitoring.counts import Counts, left_by_the_dead
from forest_serving.monitoring.regular_files import read_regular, replace_regular

FLUSH_S = 0.1
END_S = 1.0  # how long the last writing may take
MAX_BYTES = 2**24  # as many as the counts of a million features take
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
        self.server_pid = os.getppid()
        self.prefix = f"forest-{self.server_pid}-"  # a server that the command line did not start has a shared folder
        self.path = folder / f"{self.prefix}{os.getpid()}-{token_hex(4)}.json" if folder else None
        self._is_due = False
        self._has_failed = False
        self._writer = Background()  # a slow disk must not make requests wait
        self._writing: Future[None] | None = None
        self._shape = own.shape()
        self._is_snapshot = re.compile(rf"{self.prefix}\d{{1,9}}-[0-9a-f]{{8}}\.json").fullmatch
        self._known: dict[str, Counts] = {}
        self._others: Latest[list[Counts]] = Latest(self._read_others, [])

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
        """Write this worker's file now, unless the disk takes longer than END_S."""
        with suppress(TimeoutError):
            self._begin_to_write().result(END_S)

    def _begin_to_write(self) -> "Future[None]":
        content = msgspec.json.encode(self.own)
        self._writing = self._writer.submit(lambda: self._store(content))
        return self._writing

    def _store(self, content: bytes) -> None:
        if self.folder and self.path:
            try:
                self.folder.mkdir(0o700, exist_ok=True)  # somebody may have tidied up
                replace_regular(self.path, content)
                self._has_failed = False
            except OSError as error:
                if not self._has_failed:  # once: requests go on, and the log may be on the same full disk
                    _log.warning("Counts cannot be written to %s (%s); /metrics lags.", self.folder, error)
                self._has_failed = True

    def all(self) -> list[Counts]:
        """Return this worker's counts and all that others have written."""
        return [self.own, *self._others.get()] if self.folder else [self.own]

    def _read_others(self) -> list[Counts]:
        """Return what other workers counted; what cannot be read now is what it was, as counts never fall."""
        with suppress(OSError):
            for path in self.folder.iterdir() if self.folder else ():
                if path != self.path and self._is_snapshot(path.name):
                    self._read_other(path)
        return [self._as_of_now(name, counts) for name, counts in self._known.items()]

    def _read_other(self, path: Path) -> None:
        with suppress(OSError, msgspec.MsgspecError):
            counts = msgspec.json.decode(read_regular(path, MAX_BYTES), type=Counts)
            if counts.shape() == self._shape:
                self._known[path.name] = counts

    def _as_of_now(self, name: str, counts: Counts) -> Counts:
        """Return counts without requests in progress if the worker has died; its pid may be somebody else's by now."""
        with suppress(psutil.Error, OSError):
            if psutil.Process(int(name.split("-")[2])).ppid() == self.server_pid:
                return counts
        return left_by_the_dead(counts)
