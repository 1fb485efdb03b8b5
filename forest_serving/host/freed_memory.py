"""How a worker gives memory back: not after every large body, since the next one needs it again.

Holds on: glibc's mallopt. It can go when the platform's malloc adapts by itself.
"""

import ctypes

KEPT_BYTES = 16 * 2**20  # more than a tensor of 100,000 rows, its copy and its answer take
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h


def keep_freed_memory() -> None:
    """Let glibc keep what is freed, up to KEPT_BYTES; it costs a fault of 1 to 3 µs for every 4 KB to get it anew."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # macOS and musl have their own ways
        mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(_M_MMAP_THRESHOLD, KEPT_BYTES)
