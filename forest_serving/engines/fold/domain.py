"""Which numbers of a column a model answers, as far as that is one stretch around the training data."""

import numpy as np

from forest_serving.engines.fold.columns import Column, Walk
from forest_serving.engines.fold.cuts import cuts_of, segments
from forest_serving.engines.fold.doubles import Floats, Mask, last_alike


class Hole(Exception):
    """A number between those of the training data that is refused, its only argument."""


def domain_of(watched: list[Column], least: float, most: float) -> tuple[float, float]:
    """Return the lowest and the highest number of the largest stretch around [least, most] that is answered throughout.

    Args:
        watched: the columns on the way from the column of X, each behind a step that may refuse it.
        least: a number that is answered, such as the least of the training data.
        most: another one, not below it.

    Raises:
        Hole: if a number between least and most is not answered.
    """
    cuts = np.unique(np.concatenate([np.empty(0), *(cuts_of(column) for column in watched)]))
    low, high = segments(cuts)
    first, last = int(high.searchsorted(least)), int(high.searchsorted(most))
    inside = np.concatenate([low[first + 1 : last + 1], high[first:last], [least, most]])
    refused = inside[~_answered(watched, inside)]
    if len(refused):
        raise Hole(float(refused[0]) + 0.0)  # zero without a sign
    down, up = low[: first + 1], low[last + 1 :]
    lowest = _lowest(watched, down, np.append(high[:first], least))
    return lowest + 0.0, _highest(watched, np.append(most, up), high[last:]) + 0.0


def _lowest(watched: list[Column], low: Floats, high: Floats) -> float:
    """Return how far down from the end of the last of these stretches, which is answered, all is."""
    ends_well = _answered(watched, high)
    broken = np.flatnonzero(~(ends_well & _answered(watched, low)))
    if not len(broken):
        return float(low[0])
    last = broken[-1:]
    if not ends_well[last[0]]:
        return float(low[last[0] + 1])
    ends = last_alike(lambda doubles: ~_answered(watched, doubles), low[last], high[last])
    return float(np.nextafter(ends[0], np.inf))


def _highest(watched: list[Column], low: Floats, high: Floats) -> float:
    """Return how far up from the start of the first of these stretches, which is answered, all is."""
    starts_well = _answered(watched, low)
    broken = np.flatnonzero(~(starts_well & _answered(watched, high)))
    if not len(broken):
        return float(high[-1])
    first = broken[:1]
    if not starts_well[first[0]]:
        return float(high[first[0] - 1])
    return float(last_alike(lambda doubles: _answered(watched, doubles), low[first], high[first])[0])


def _answered(watched: list[Column], doubles: Floats) -> Mask:
    walk = Walk(doubles)
    found: Mask = np.all([walk.answered(column) for column in watched], axis=0)
    return found
