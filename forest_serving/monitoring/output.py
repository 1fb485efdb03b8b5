"""What a process prints, written by threads: whatever is at the end of its log, printing never waits.

A pipe that nobody reads, a stopped terminal or a disk that hangs would otherwise hold up the process at its next line.
This is for all that Python prints: loggers, warnings, tracebacks, print. What a library in C prints still goes
straight out, as do the last words of a crash.
"""

import io
import logging
import sys
import time
from collections.abc import Iterator
from typing import Any

from forest_serving.monitoring.queued_output import EXIT_S, QueuedOutput

_queued: list[QueuedOutput] = []


def queue_output() -> None:
    """Let threads write what this process prints from now on, also through handlers that loggers have already."""
    for name in ("stdout", "stderr"):
        plain = getattr(sys, name)
        if plain is None or isinstance(plain.buffer, QueuedOutput):
            continue
        plain.flush()
        queued = QueuedOutput(plain.fileno())
        stream = io.TextIOWrapper(queued, plain.encoding, plain.errors, line_buffering=True)  # type: ignore[type-var]
        setattr(sys, name, stream)
        for handler in _handlers():
            if getattr(handler, "stream", None) is plain:
                handler.setStream(stream)
        _queued.append(queued)


def dropped_lines() -> int:
    """Return how many lines could not be written."""
    return sum(queued.n_dropped for queued in _queued)


def wait_until_written(timeout_s: float = EXIT_S) -> None:
    """Return when all that was printed is written, or after timeout_s; for those about to call os._exit."""
    deadline = time.monotonic() + timeout_s
    for queued in _queued:
        queued.wait_until(deadline)


def _handlers() -> Iterator[Any]:
    known = [logging.getLogger(), *logging.getLogger().manager.loggerDict.values()]
    return (handler for logger in known for handler in getattr(logger, "handlers", ()))
