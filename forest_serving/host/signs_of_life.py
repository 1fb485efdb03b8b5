"""How workers tell the supervisor that they live: over one pipe, which they inherit.

A pipe, because it needs no disk and no port, and who writes to it never waits: what does not fit is dropped.

Holds on: Circus hands a worker the supervisor's variables and open descriptors. tests/host/test_hung_worker.py shows
that it does. It can go when BentoML's supervisor notices that a worker hangs.
"""

import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

VARIABLE = "_FOREST_SIGNS_OF_LIFE_FD"
_PIPE_BYTES = 2**16  # what the kernel keeps; a multiple of the format's size, so that no sign is read in two parts
_FORMAT = struct.Struct("=i?3x")


class Sign(NamedTuple):
    """One sign of life: a worker's process id, and whether it answers requests already."""

    pid: int
    is_serving: bool


def open_pipe() -> int:
    """Make the pipe; return the end to read from. To be called in the supervisor, before it starts workers."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)  # a supervisor that is stopped must not stop the workers
    os.set_inheritable(writing, True)
    os.environ[VARIABLE] = str(writing)
    return reading


def send(is_serving: bool) -> None:
    """Tell the supervisor that this worker lives; elsewhere than in its workers, do nothing."""
    if descriptor := os.environ.get(VARIABLE):
        with suppress(OSError):  # the pipe is full, or nobody is there to read
            os.write(int(descriptor), _FORMAT.pack(os.getpid(), is_serving))


def read(descriptor: int) -> Iterator[Sign]:
    """Return what workers have told since the last time."""
    try:
        told = os.read(descriptor, _PIPE_BYTES)
    except BlockingIOError:
        return iter(())
    return (Sign(*fields) for fields in _FORMAT.iter_unpack(told))
