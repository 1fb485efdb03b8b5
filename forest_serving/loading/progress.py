"""One line on a terminal that says how far a file is read; none where no terminal is."""

import sys
import time

_SHOWN_AFTER_S, _EVERY_S = 1.0, 0.2


class Progress:
    """Says how far a file is read.

    Args:
        name: the file's.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._is_shown = sys.stderr.isatty()
        self._next_s = time.monotonic() + _SHOWN_AFTER_S

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._write("")

    def note(self, n_rows: int, share: float) -> None:
        """Show how many rows were read, and how much of the file."""
        if time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + _EVERY_S
            self._write(f"{self.name}: {n_rows:,} rows, {share:.0%}" if share < 1 else f"{self.name}: writing")

    def _write(self, words: str) -> None:
        if self._is_shown:
            sys.stderr.write(f"\r\033[K{words}")
            sys.stderr.flush()
