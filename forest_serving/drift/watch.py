"""A look at the latest rows of all workers: how each column differs from its training data."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import Card
from forest_serving.drift.binning import Binning
from forest_serving.drift.columns import Column, answers_of, columns_of
from forest_serving.drift.reference import Difference, Reference
from forest_serving.drift.window import LEAST_ROWS, RECENT_SHARE, latest
from forest_serving.monitoring.counts import Piece


class Seen(NamedTuple):
    """A column in a window.

    Attributes:
        column: what is watched.
        counts: for each of its bins, how many rows of the window fell into it.
        whole: how the window differs; None if too few rows came, or the training data are unknown.
        recent: how its latest rows differ; None likewise, or if these are the whole.
    """

    column: Column
    counts: list[int]
    whole: Difference | None
    recent: Difference | None

    @property
    def has_drifted(self) -> bool | None:
        """Whether the whole or its latest rows differ; None if that cannot be told."""
        found = [each.is_drift for each in (self.whole, self.recent) if each]
        return any(found) if found else None


class Look(NamedTuple):
    """What there is to see.

    Attributes:
        n_rows: how many rows the window has.
        n_recent: how many of them are looked at by themselves.
        until_s: when the latest was counted, in seconds since 1970; 0 if none was.
        columns: the features, and at the end the answers.
    """

    n_rows: int
    n_recent: int
    until_s: float
    columns: list[Seen]

    @property
    def has_drifted(self) -> bool | None:
        """Whether any of the columns has; None if that can be told of none."""
        found = [seen.has_drifted for seen in self.columns if seen.has_drifted is not None]
        return any(found) if found else None


class Watch:
    """Looks at the latest rows.

    Args:
        card: the model's.
        n_rows: of the window.
        read: returns the pieces of all workers.
    """

    def __init__(self, card: Card, n_rows: int, read: Callable[[], Sequence[Piece]]) -> None:
        self.columns = columns_of(card)
        self.n_rows = n_rows
        self._read = read
        binning = Binning(self.columns)
        self._n_bins, self._slices = binning.n_bins, binning.slices
        unseen = answers_of(card, card.unseen_answer_counts)
        self._knows_new_answers = bool(unseen.training)
        known = [*zip(self.columns, self._slices, strict=True), (unseen, self._slices[-1])]
        self._known = [(column, place) for column, place in known if column.training]
        self._reference = Reference(*zip(*self._known, strict=True)) if self._known else Reference((), ())
        self._seen: tuple[list[Piece], Look] | None = None

    def look(self) -> Look:
        """Return what there is to see now; as long as no row was counted, that is what was to be seen before."""
        pieces = latest([piece for piece in self._read() if len(piece.counts) == self._n_bins], self.n_rows)
        if not self._seen or self._seen[0] != pieces:
            self._seen = pieces, self._look(pieces)
        return self._seen[1]

    def _look(self, pieces: list[Piece]) -> Look:
        recent = latest(pieces, max(LEAST_ROWS, round(RECENT_SHARE * self.n_rows)))
        counts, n_rows, n_recent = _sum(pieces, self._n_bins), _n_rows(pieces), _n_rows(recent)
        whole = self._differences(counts) if n_rows >= LEAST_ROWS else {}
        is_part = LEAST_ROWS <= n_recent < n_rows
        part = self._differences(_sum(recent, self._n_bins)) if is_part else {}
        columns = [
            Seen(column, counts[place].tolist(), whole.get(place.start), part.get(place.start))
            for column, place in zip(self.columns, self._slices, strict=True)
        ]
        return Look(n_rows, n_recent, pieces[0].end_s if pieces else 0.0, columns)

    def _differences(self, counts: NDArray[np.int64]) -> dict[int, Difference]:
        """Return how columns differ, by where their bins begin.

        Of the answers, which may be compared with those to rows that the model had learned and to others, the smaller
        difference counts: a model is surer of what it learned, and either kind may come.
        """
        found: dict[int, Difference] = {}
        for (_, place), new in zip(self._known, self._reference.differences(counts), strict=True):
            known = found.setdefault(place.start, new)
            found[place.start] = max(known, new, key=lambda each: (not each.is_drift, each.spread.alone, -each.psi))
        return found if self._knows_new_answers else _excused(found, self._slices[-1].start)


def _excused(found: dict[int, Difference], answers: int) -> dict[int, Difference]:
    """Return differences without drift of the answers alone, as those to new rows may always be like that.

    A model that answers rows as it learned them answers others otherwise, as surely as if the world had changed.
    """
    has_cause = any(each.is_drift for place, each in found.items() if place != answers)
    if has_cause or answers not in found or not found[answers].is_drift:
        return found
    return found | {answers: found[answers]._replace(is_excused=True)}


def _sum(pieces: Sequence[Piece], n_bins: int) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.array([piece.counts for piece in pieces] or [[0] * n_bins], np.int64).sum(axis=0)
    return found


def _n_rows(pieces: Sequence[Piece]) -> int:
    return sum(piece.n_rows for piece in pieces)
