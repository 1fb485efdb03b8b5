"""What is watched: each feature and the answers, in bins, and how many rows of the training data fell into each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from forest_serving.card import N_DECILES, Card, Feature, Label

MOST_FEATURES = 1_000  # the first ones of a model with more: the counts of each stay in memory and in a file
MOST_CATEGORIES = 100  # are counted each by itself; those that are rarer in the training data are counted as one
SMALL_SHARE = 0.025  # of the training data: 5 of the 200 rows that are compared at least, as a χ² test needs
LARGE_SHARE = 0.2  # of it: two tenths in one, as of values that are often the same
MISSING, ODD, FIRST = 0, 1, 2  # the first bins: no value; an unknown category, or below the range; then the parts
ANSWER = "prediction"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A feature, or the answers.

    The bins of numbers are: missing, below the training data's range, the parts between deciles, above it. Those of
    categories are: missing, unknown, each that is counted by itself, and one for the rest where there is a rest.

    Attributes:
        name: what to call it.
        ends: the ends of the parts, N_DECILES of them; a part's upper end belongs to it. Empty for categories.
        labels: the categories that are counted each by itself.
        bins: for each category of the card, its bin; empty for numbers.
        training: for each bin, how many rows of the training data fell into it; empty if that is unknown.
        takes_missing: whether a value may be missing.
        takes_unknown: whether a category may be unknown.
    """

    name: str
    ends: tuple[float, ...] = ()
    labels: tuple[Label, ...] = ()
    bins: tuple[int, ...] = ()
    training: tuple[int, ...] = ()
    takes_missing: bool = False
    takes_unknown: bool = False

    @property
    def n_bins(self) -> int:
        """How many bins there are."""
        has_rest = len(self.bins) > len(self.labels)
        return FIRST + (N_DECILES if self.ends else len(self.labels) + has_rest)

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """For each bin, the one that it is compared together with.

        What is beyond the range goes with the part beside it, where new rows of the same kind may fall, unless most
        rows are there. Bins with few rows of the training data are one.
        """
        small = {group for group, n_rows in self._sizes.items() if n_rows < self._enough}
        groups = (min(small) if group in small else group for group in self._parts)
        return (MISSING, self._below(small), *groups)

    @cached_property
    def rare(self) -> int | None:
        """The group with so few rows of the training data that a χ² test needs it together with another one."""
        few = {group: n for group, n in self._sizes.items() if n < self._enough}
        return min(few) if few and sum(few.values()) < self._enough else None

    @cached_property
    def next_to_rare(self) -> int:
        """That other one: the smallest."""
        return min(self._sizes, key=lambda group: (self._sizes[group] < self._enough, self._sizes[group]))

    def _below(self, small: set[int]) -> int:
        if not self.ends:
            return ODD
        has_most = self.training[FIRST] > LARGE_SHARE * sum(self.training[FIRST:])
        return min(small) if small and (has_most or FIRST in small) else FIRST

    @property
    def _parts(self) -> list[int]:
        last = self.n_bins - 2 if self.ends else self.n_bins - 1
        return [min(place, last) for place in range(FIRST, self.n_bins)]

    @cached_property
    def _sizes(self) -> dict[int, int]:
        sizes: dict[int, int] = {}
        for group, n_rows in zip(self._parts, self.training[FIRST:], strict=False):
            sizes[group] = sizes.get(group, 0) + n_rows
        return sizes

    @property
    def _enough(self) -> float:
        return SMALL_SHARE * sum(self.training[FIRST:])


def columns_of(card: Card) -> tuple[Column, ...]:
    """Return what is watched of a model: features in their order, and at the end the answers."""
    return (*map(_feature, card.features[:MOST_FEATURES]), answers_of(card, card.answer_counts))


def answers_of(card: Card, counts: Sequence[int]) -> Column:
    """Return the column of a model's answers, with these counts of some rows; none for unknown."""
    if card.is_classifier:
        return _of_categories(ANSWER, card.class_names, counts)
    return _of_numbers(ANSWER, card.answer_deciles or (0.0,) * N_DECILES, counts)


def _feature(feature: Feature) -> Column:
    if feature.categories:
        return _of_categories(feature.name, feature.categories, feature.counts, feature)
    return _of_numbers(feature.name, feature.deciles, feature.counts, feature)


def _of_numbers(name: str, ends: Sequence[float], counts: Sequence[int], feature: Feature | None = None) -> Column:
    n_missing = feature.n_missing if feature else 0
    training = (n_missing, 0, *counts, 0) if counts else ()
    return Column(name=name, ends=tuple(ends), training=training, takes_missing=bool(feature and feature.takes_missing))


def _of_categories(name: str, labels: Sequence[Label], counts: Sequence[int], feature: Feature | None = None) -> Column:
    ranked = sorted(range(len(labels)), key=lambda place: -counts[place] if counts else place)
    kept, rest = sorted(ranked[:MOST_CATEGORIES]), ranked[MOST_CATEGORIES:]
    bins = {place: FIRST + number for number, place in enumerate(kept)}
    odd = (feature.n_missing, feature.n_unknown) if feature else (0, 0)
    training = (
        (*odd, *(counts[place] for place in kept), *([sum(counts[place] for place in rest)] if rest else ()))
        if counts
        else ()
    )
    return Column(
        name=name,
        labels=tuple(labels[place] for place in kept),
        bins=tuple(bins.get(place, FIRST + len(kept)) for place in range(len(labels))),
        training=training,
        takes_missing=bool(feature and feature.takes_missing),
        takes_unknown=bool(feature and feature.takes_unknown),
    )
