"""The latest rows, as counts: pieces of consecutive rows, of which the oldest leave, so that memory stays the same."""

from collections.abc import Sequence
from time import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.drift.binning import Binning
from forest_serving.drift.columns import Column
from forest_serving.monitoring.counts import Piece

N_PIECES = 10  # in a window; each time that one is full, the window is looked at anew
RECENT_SHARE = 0.3  # of the window: what is looked at by itself, so that a sudden drift need not fill the window
LEAST_ROWS = 200  # to say anything
_AT_ONCE = 500  # rows whose bins are found in one step; those of 200 by themselves cost each twice as much


class Window:
    """Counts one worker's rows.

    Args:
        columns: what is watched, the answers at the end.
        n_rows: of the window.
    """

    def __init__(self, columns: Sequence[Column], n_rows: int) -> None:
        self.pieces: list[Piece] = []  # the oldest first; other workers read them in this worker's file
        self._binning = Binning(columns)
        self._n_features = len(columns) - 1
        self._n_rows, self._n_in_piece = n_rows, n_rows // N_PIECES
        self._waiting: list[tuple[Any, Any]] = []
        self._n_waiting = 0
        self._random = np.random.default_rng(0)
        self._begin()

    def add(self, rows: NDArray[np.float64], answers: NDArray[Any]) -> None:
        """Count rows, shape (n_rows, n_features), and the position of each one's class or a regressor's number.

        Of more rows than the window has, as many stand for all, evenly spread.
        """
        if len(rows) > self._n_rows:
            ends = np.arange(self._n_rows + 1) * len(rows) // self._n_rows
            places = self._random.integers(ends[:-1], ends[1:])  # one of each stretch: every second row may be special
            rows, answers = rows.take(places, axis=0), answers.take(places)
        self._waiting.append((rows[:, : self._n_features], answers))
        self._n_waiting += len(rows)
        if self._n_waiting >= _AT_ONCE:
            self._count_waiting()

    def settle(self) -> None:
        """Count rows that wait for others to be counted with, if they make a piece."""
        if self._n_waiting >= self._n_in_piece:
            self._count_waiting()

    def _count_waiting(self) -> None:
        waiting, self._waiting, self._n_waiting = self._waiting, [], 0
        rows, answers = waiting[0] if len(waiting) == 1 else map(np.concatenate, zip(*waiting, strict=True))
        n_steps = -(-len(rows) // _AT_ONCE)
        if n_steps > 1:  # somebody may have sorted them, or have two kinds take turns
            order = self._random.permutation(len(rows))
            rows, answers = rows[order], answers[order]
        for step in range(n_steps):
            self._count(rows[step::n_steps], answers[step::n_steps])

    def _count(self, rows: NDArray[np.float64], answers: NDArray[Any]) -> None:
        self._counts += self._binning.count(rows, answers)
        self._n_counted += len(rows)
        if self._n_counted >= self._n_in_piece:
            self.pieces.append(Piece(time(), self._n_counted, self._counts.tolist()))
            self._begin()
            self._forget()

    def _begin(self) -> None:
        self._counts = np.zeros(self._binning.n_bins, np.int64)
        self._n_counted = 0

    def _forget(self) -> None:
        while sum(piece.n_rows for piece in self.pieces[1:]) >= self._n_rows:
            del self.pieces[0]


def latest(pieces: Sequence[Piece], n_rows: int) -> list[Piece]:
    """Return the latest pieces, of whichever workers, that have at least so many rows; all if they have fewer."""
    found: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: -piece.end_s):
        if sum(each.n_rows for each in found) >= n_rows:
            break
        found.append(piece)
    return found
