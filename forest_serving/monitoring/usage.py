"""What a worker takes of its machine."""

from contextlib import suppress
from time import process_time

import psutil

from forest_serving.monitoring.counts import Counts


class Usage:
    """Looks at this process.

    Args:
        counts: where it is counted.
    """

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self._process = psutil.Process()

    def look(self) -> None:
        """Count it anew, which takes 20 µs: too long for each request."""
        self.counts.n_workers, self.counts.cpu_s = 1, process_time()
        with suppress(OSError):  # no file can be opened: it is as it was
            self.counts.memory_bytes = self._process.memory_info().rss
