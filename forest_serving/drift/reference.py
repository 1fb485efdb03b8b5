"""The training data's counts, and how a window's counts differ from them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.drift.columns import FIRST, MISSING, ODD, Column
from forest_serving.drift.comparing import chi_square, holm, population_stability, share_changes
from forest_serving.drift.window import N_PIECES

FALSE_ALARMS = 0.0001  # of all windows without drift, how many may alarm; more do after few rows of training data
N_LOOKS = 2 * N_PIECES  # while a window goes by: whenever a piece is full, at the whole and at its latest rows
LEVEL = FALSE_ALARMS / N_LOOKS
SMALL_PSI = 0.1  # what is smaller does not matter, however sure it is


class Chance(NamedTuple):
    """How likely a difference comes about by chance: one by itself, and corrected for how many were looked for."""

    alone: float
    corrected: float

    @property
    def is_rare(self) -> bool:
        """Whether it is as rare as a false alarm must be."""
        return self.corrected <= LEVEL


class Difference(NamedTuple):
    """How a column's rows differ from its training data.

    Attributes:
        psi: of the values that are there.
        spread: the chance of how these are spread.
        missing: the chance of the share of missing values.
        unknown: the chance of the share of unknown categories.
        is_excused: whether something else than drift explains it.
    """

    psi: float
    spread: Chance
    missing: Chance
    unknown: Chance
    is_excused: bool = False

    @property
    def is_drift(self) -> bool:
        """Whether the values are spread otherwise, or more or fewer than before are missing or unknown."""
        is_other = (self.spread.is_rare and self.psi >= SMALL_PSI) or self.missing.is_rare or self.unknown.is_rare
        return is_other and not self.is_excused


class Reference:
    """Compares windows with the training data.

    Args:
        columns: whose training data are known.
        places: where the bins of each are among a window's counts.
    """

    def __init__(self, columns: Sequence[Column], places: Sequence[slice]) -> None:
        self._columns = columns
        self._shape = len(columns), max((column.n_bins for column in columns), default=0)
        bins = [range(place.start, place.stop) for place in places]
        self._bins = np.array([each for column in bins for each in column], np.intp)
        groups = [number * self._shape[1] + group for number, column in enumerate(columns) for group in column.groups]
        self._groups = np.array(groups, np.intp)
        self._training = self._grouped(np.array([n for column in columns for n in column.training]))

    def differences(self, counts: NDArray[np.int64]) -> list[Difference]:
        """Return for each column how a window differs, whose counts have shape (n_bins,)."""
        if not self._columns:
            return []
        window, training = self._grouped(counts[self._bins]), self._training
        psi = population_stability(window[:, ODD:], training[:, ODD:]).tolist()
        spread = self._spread_chances(window, training)
        odd = [self._odd_chances(*rows) for rows in zip(self._columns, window, training, strict=True)]
        asked = [chance for each in zip(spread, *zip(*odd, strict=True), strict=True) for chance in each]
        corrected = iter(_corrected(asked))
        chances = [Chance(1.0 if alone is None else alone, next(corrected)) for alone in asked]
        of_columns = zip(chances[::3], chances[1::3], chances[2::3], strict=True)
        return [Difference(each, *three) for each, three in zip(psi, of_columns, strict=True)]

    def _grouped(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        n_groups = self._shape[0] * self._shape[1]
        sums: NDArray[np.float64] = np.bincount(self._groups, counts, n_groups).astype(np.float64)
        return sums.reshape(self._shape)

    def _spread_chances(self, window: NDArray[np.float64], training: NDArray[np.float64]) -> list[float]:
        """Return how likely each spread is: by χ², or by Fisher's test of a group that is too rare for that one."""
        found = chi_square(*(self._without_rare(counts)[:, FIRST:] for counts in (window, training)))
        for place, column in enumerate(self._columns):
            if column.rare is not None:
                now, before = (counts[place].astype(int).tolist() for counts in (window, training))
                there, there_before = sum(now[FIRST:]), sum(before[FIRST:])
                rare = share_changes(now[column.rare], there, before[column.rare], there_before)
                found[place] = min(1.0, 2 * min(found[place], rare))
        return found

    def _without_rare(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        together = counts.copy()
        for place, column in enumerate(self._columns):
            if column.rare is not None and column.next_to_rare != column.rare:
                together[place, column.next_to_rare] += together[place, column.rare]
                together[place, column.rare] = 0
        return together

    def _odd_chances(
        self, column: Column, window: NDArray[np.float64], training: NDArray[np.float64]
    ) -> tuple[float | None, float | None]:
        now, before = window.astype(int).tolist(), training.astype(int).tolist()
        there, there_before = sum(now[ODD:]), sum(before[ODD:])
        return (
            share_changes(now[MISSING], sum(now), before[MISSING], sum(before)) if column.takes_missing else None,
            share_changes(now[ODD], there, before[ODD], there_before) if column.takes_unknown else None,
        )


def _corrected(chances: Sequence[float | None]) -> list[float]:
    """Return chances corrected for how many there are; what was not looked for is sure to be chance."""
    corrected = iter(holm([chance for chance in chances if chance is not None]))
    return [1.0 if chance is None else next(corrected) for chance in chances]
