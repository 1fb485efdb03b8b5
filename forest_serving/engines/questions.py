"""From what a tree asks of its input to what is asked of the raw value that a client sends.

A tree sends a value left if it is at most a threshold, after scaling, encoding, filling in, and rounding to float32.
Seen from the raw value, all that matters is where the answer changes. Between two cuts (fold/) a transformation only
rises or only falls, so that each threshold has at most one such place there, and halving the doubles in between finds
it: the last double that is answered as the lowest is.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import UNKNOWN, Feature
from forest_serving.engines.columns import MOST_BOUNDARIES, Column
from forest_serving.engines.engine import Floats
from forest_serving.engines.fold import Derived
from forest_serving.engines.fold.doubles import last_alike

Integers = NDArray[np.int64]


class Question(NamedTuple):
    """All nodes that compare one column of the trees' input and send NaN to the same side.

    Attributes:
        derived: the column.
        rounds: whether its values are rounded to float32.
        thresholds: ascending, those of numbers; one, of 0, if it asks for categories.
        missing_left: whether NaN goes left.
        group: shape (n_codes + 1,), which category codes go left; None if it asks for numbers.
    """

    derived: Derived
    rounds: bool
    thresholds: Floats
    missing_left: bool
    group: NDArray[np.bool_] | None = None

    def given(self, raw: Floats) -> Floats:
        """Return what the trees compare for raw values."""
        return self.compared(self.derived.evaluate(raw))

    def compared(self, values: Floats) -> Floats:
        """Return what the trees compare for transformed values."""
        with np.errstate(over="ignore"):
            return values.astype(np.float32).astype(np.float64) if self.rounds else values

    def levels(self, values: Floats) -> Integers:
        """Return how many thresholds are less than what the trees compare: it goes left at all but so many."""
        if self.group is not None:
            codes = np.where((values >= 0) & (values < len(self.group) - 1), values, len(self.group) - 1)
            return np.where(self.group[codes.astype(np.int64)], 0, 1)
        above = self.thresholds.searchsorted(values)
        return np.where(np.isnan(values), -1 if self.missing_left else len(self.thresholds), above)


class Asked(NamedTuple):
    """A question, asked of raw values.

    Attributes:
        column: its boundaries and codes.
        ranks: shape (n_thresholds,), for each threshold the rank up to which a row goes left.
    """

    column: Column
    ranks: Integers


def ask(question: Question, feature: Feature) -> Asked:
    """Return where the answers to a question change.

    Args:
        question: with no more than MOST_BOUNDARIES thresholds.
        feature: the raw column, which says which values there are.
    """
    ends = interval_ends(question, feature)
    levels = question.levels(question.given(ends))
    missing = question.levels(question.given(np.array([np.nan])))[0] if feature.takes_missing else levels[0]
    # Neighbours with the same answers are one interval.
    last = np.append(levels[1:] != levels[:-1], True)
    ends, levels = ends[last], levels[last]
    attained = np.unique(np.append(levels, missing))
    first = 0 if attained[0] < 0 else 1  # so that a threshold that nothing is below has a rank, too
    codes = (np.searchsorted(attained, np.append(missing, levels)) + first).astype(np.uint16)
    if not feature.takes_missing:
        codes[0] = 0
    ranks = np.searchsorted(attained, np.arange(len(question.thresholds)), side="right") - 1 + first
    is_counted = np.array_equal(codes, np.arange(len(codes)))
    boundaries = np.append(-np.inf, ends[:-1])
    return Asked(Column(question.derived.feature, boundaries, None if is_counted else codes), ranks)


def interval_ends(question: Question, feature: Feature) -> Floats:
    """Return the last double of each interval in which a question has one answer; neighbours may have the same."""
    firsts, lasts = pieces(question.derived, feature)
    at_first, at_last = (question.levels(question.given(ends)) for ends in (firsts, lasts))
    lower, upper = np.minimum(at_first, at_last), np.maximum(at_first, at_last)
    lower, n_between = np.maximum(lower, 0), np.maximum(upper - np.maximum(lower, 0), 0)
    piece = np.repeat(np.arange(len(firsts)), n_between)
    level = np.arange(len(piece)) - np.repeat(np.cumsum(n_between) - n_between, n_between) + lower[piece]
    found = _last_alike(question, firsts[piece], lasts[piece], level)
    return np.unique(np.concatenate([found, lasts]))


def pieces(derived: Derived, feature: Feature) -> tuple[Floats, Floats]:
    """Return the first and the last double of each range in which a column never changes its direction."""
    low, high = feature_range(feature)
    cuts = derived.cuts[(derived.cuts >= low) & (derived.cuts < high)]
    return np.append(low, np.nextafter(cuts, np.inf)), np.append(cuts, high)


def may_be_missing(derived: Derived, feature: Feature) -> bool:
    """Return whether the trees may be given NaN: for a missing value, or by a function such as a logarithm."""
    return feature.takes_missing or bool(np.isnan(derived.evaluate(pieces(derived, feature)[1])).any())


def _last_alike(question: Question, low: Floats, high: Floats, level: Integers) -> Floats:
    """Return the last double from low to high on the side of a threshold that low is on, where high is on the other."""
    if question.group is not None or not len(low):
        return low[:0]
    thresholds = question.thresholds[level]
    side = question.given(low) <= thresholds
    return last_alike(lambda raw: (question.given(raw) <= thresholds) == side, low, high)


def feature_range(feature: Feature) -> tuple[float, float]:
    """Return the lowest and the highest raw value of a column; categories are numbers."""
    if feature.categories:
        return UNKNOWN if feature.takes_unknown else 0.0, len(feature.categories) - 1.0
    return feature.lowest, feature.highest


def parts_of(question: Question) -> list[Question]:
    """Return questions with at most as many thresholds as a column can have."""
    starts = range(0, len(question.thresholds), MOST_BOUNDARIES - 2)
    parts = [question.thresholds[start : start + MOST_BOUNDARIES - 2] for start in starts]
    return [question._replace(thresholds=part) for part in parts]
