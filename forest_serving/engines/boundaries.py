"""From thresholds to boundaries: how to compare doubles and still decide as scikit-learn does.

scikit-learn rounds each value to float32, half to even, and sends it left if the result is <= the float64 threshold.
Rounding is monotone, so for each threshold there is a last double that goes left. That double is the boundary:
"value <= boundary" on the double itself decides alike, and nothing need be rounded when serving.
"""

import numpy as np

from forest_serving.engines.engine import Floats

# A number at or beyond this rounds to infinity in float32, which is what scikit-learn's trees compare.
DOMAIN_LIMIT = 3.4028235677973366e38
LARGEST = float(np.nextafter(DOMAIN_LIMIT, 0))  # the largest double that an engine answers for


def boundaries_of(thresholds: Floats) -> Floats:
    """Return, for each threshold, the last double that scikit-learn sends left.

    Thresholds below every float32 give -inf, and those at or above the largest float32 give LARGEST.
    """
    with np.errstate(over="ignore"):
        nearest = thresholds.astype(np.float32)
        last_left = np.where(nearest > thresholds, np.nextafter(nearest, np.float32(-np.inf)), nearest)
        first_right = np.nextafter(last_left, np.float32(np.inf))
        midpoint = (last_left.astype(np.float64) + first_right.astype(np.float64)) / 2
        midpoint = np.where(np.isposinf(first_right), DOMAIN_LIMIT, midpoint)
        # At the midpoint itself half-to-even decides; ask the rounding rather than imitate it.
        midpoint_goes_left = midpoint.astype(np.float32) <= last_left
    return np.where(midpoint_goes_left, midpoint, np.nextafter(midpoint, -np.inf))


def grid_of(thresholds: Floats) -> Floats:
    """Return one feature's distinct boundaries inside the domain, ascending.

    Several thresholds can share a boundary, and one outside the domain separates nothing.
    """
    boundaries = np.unique(boundaries_of(thresholds))
    return boundaries[(boundaries >= -LARGEST) & (boundaries < LARGEST)]
