"""Where a column may turn: the cuts of each step on its way, pulled back to the column of X by bisection."""

import numpy as np

from forest_serving.card import LARGEST
from forest_serving.engines.fold.columns import Column, Walk
from forest_serving.engines.fold.doubles import Floats, Mask, last_alike


def cuts_of(column: Column) -> Floats:
    """Return ascending doubles of X between which the column never changes direction.

    On (cuts[i], cuts[i+1]], below the first and above the last, it rises, falls, stays the same, or is NaN.
    """
    if column.before is None or column.step is None:
        return np.empty(0)
    own, inner = column.step.cuts, cuts_of(column.before)
    return np.union1d(inner, _pulled_back(column.before, inner, own)) if len(own) else inner


def segments(cuts: Floats) -> tuple[Floats, Floats]:
    """Return the first and the last double of each stretch between cuts, all finite doubles together."""
    inside = cuts[(cuts >= -LARGEST) & (cuts < LARGEST)]
    return np.append(-LARGEST, np.nextafter(inside, np.inf)), np.append(inside, LARGEST)


def _pulled_back(column: Column, inner: Floats, own: Floats) -> Floats:
    """Return the last double of each stretch on the side of each cut where the stretch begins."""
    low, high = (np.repeat(ends, len(own)) for ends in segments(inner))
    cuts = np.tile(own, len(low) // len(own))
    begins, ends = _is_below(column, low, cuts), _is_below(column, high, cuts)
    crossed = begins != ends
    begins, low, high, cuts = begins[crossed], low[crossed], high[crossed], cuts[crossed]
    return last_alike(lambda doubles: _is_below(column, doubles, cuts) == begins, low, high)


def _is_below(column: Column, doubles: Floats, cuts: Floats) -> Mask:
    below: Mask = Walk(doubles).values(column) <= cuts
    return below
