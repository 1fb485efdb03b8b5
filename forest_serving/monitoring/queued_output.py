"""A file that keeps what is written to it in a queue, and a thread that passes it on to a real one.

Lines that find the queue full are dropped and counted; once lines can be written again, one of them says how many.
"""

import atexit
import io
import json
import os
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from queue import SimpleQueue
from select import PIPE_BUF, select
from typing import Any

QUEUE_BYTES = 2**20  # some thousand lines
LINE_BYTES = 2**16
EXIT_S = 0.5  # how long the last lines may take
_GATHER_S = 0.01  # a thread that woke up for every line would cost requests more than the lines do


class QueuedOutput(io.RawIOBase):
    """Lines for a descriptor, and the thread that writes them.

    Args:
        descriptor: of a file, pipe or terminal.

    The thread is a daemon, so that the interpreter can end while it waits in a write. Nothing here waits for a lock
    that it holds meanwhile.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.n_dropped = 0
        self._n_told = 0
        self._exit_by = 0.0
        self._renew()
        atexit.register(self._begin_to_exit)
        os.register_at_fork(after_in_child=self._renew)  # threads and what they hold stay behind

    def _renew(self) -> None:
        self._lock = threading.RLock()  # a signal's handler may print while its own thread is in here
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        self._n_bytes = 0
        self._thread: threading.Thread | None = None

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the real file's descriptor, for child processes."""
        return self.descriptor

    def isatty(self) -> bool:
        """Return whether that is a terminal."""
        return os.isatty(self.descriptor)

    def write(self, text: Any) -> int:
        """Queue one line, or a few; never wait."""
        lines = bytes(text)
        if len(lines) > LINE_BYTES:
            lines = lines[: LINE_BYTES - 1] + lines[-1:]  # which mostly ends the line
        if self._exit_by:
            self._write_at_exit(lines)
        else:
            self._queue(lines)
        return len(text)

    def wait_until(self, deadline: float) -> None:
        """Wait until all is written, or for a time by time.monotonic()."""
        while self._n_bytes and time.monotonic() < deadline:
            time.sleep(0.005)

    def _queue(self, lines: bytes) -> None:
        with self._lock:
            if self._n_bytes + len(lines) > QUEUE_BYTES:
                self.n_dropped += _count(lines)
                return
            self._n_bytes += len(lines)
            self._lines.put(lines)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log", daemon=True)
                self._thread.start()

    def _begin_to_exit(self) -> None:
        exit_by = time.monotonic() + EXIT_S
        self.wait_until(exit_by)
        self._exit_by = exit_by

    def _write_at_exit(self, lines: bytes) -> None:
        """Write what is printed when the thread may be gone, if that is possible without waiting for long."""
        for start in range(0, len(lines), PIPE_BUF):
            if not select([], [self.descriptor], [], max(0.0, self._exit_by - time.monotonic()))[1]:
                return
            self._write(lines[start : start + PIPE_BUF])

    def _run(self) -> None:
        while True:
            lines = [self._lines.get()]
            time.sleep(_GATHER_S)
            lines += (self._lines.get() for _ in range(self._lines.qsize()))
            for batch in _batches(lines):
                n_lost = 0 if self._write(batch) else _count(batch)
                with self._lock:
                    self.n_dropped += n_lost
                    self._n_bytes -= len(batch)
            n_dropped = self.n_dropped
            if n_dropped > self._n_told and self._write(_loss(n_dropped - self._n_told)):
                self._n_told = n_dropped

    def _write(self, batch: bytes) -> bool:
        left = memoryview(batch)
        while left:
            try:
                left = left[os.write(self.descriptor, left) :]
            except BlockingIOError:  # who started this process may have made it so
                time.sleep(0.05)
            except OSError:  # a full disk, a reader that has left
                return False
        return True


def _batches(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines put together as far as a pipe takes them in one piece; other processes write to it too."""
    batch = b""
    for line in lines:
        if batch and len(batch) + len(line) > PIPE_BUF:
            yield batch
            batch = b""
        batch += line
    yield batch


def _count(lines: bytes) -> int:
    return max(1, lines.count(b"\n"))


def _loss(n_lines: int) -> bytes:
    message = f"{n_lines} lines of this log are lost: nobody read it fast enough, or it could not be written."
    line = {"level": "warning", "message": message, "lost": n_lines, "time": datetime.now(UTC).isoformat()}
    return json.dumps(line).encode() + b"\n"
