"""What a server has used: processor time and memory of all its processes."""

import contextlib
from typing import NamedTuple

import psutil


class Usage(NamedTuple):
    """What a process and all below it have used since they started.

    Attributes:
        user_s: processor seconds outside the kernel.
        system_s: processor seconds in the kernel.
        resident_bytes: the sum of their resident memory; pages that they share count once for each.
    """

    user_s: float
    system_s: float
    resident_bytes: int


def tree(pid: int) -> list[psutil.Process]:
    """Return a process and all below it; none if it has ended."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def usage(pid: int) -> Usage:
    """Return what a process and all below it have used."""
    user_s, system_s, resident_bytes = 0.0, 0.0, 0
    for process in tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            user_s, system_s = user_s + times.user, system_s + times.system
            resident_bytes += process.memory_info().rss
    return Usage(user_s, system_s, resident_bytes)
