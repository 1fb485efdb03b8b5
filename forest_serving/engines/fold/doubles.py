"""The doubles in their order, and bisection over them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_MAGNITUDE = np.int64(2**63 - 1)  # all bits of a double but its sign
_N_HALVINGS = 64  # enough for all doubles there are


def positions_of(doubles: Floats) -> NDArray[np.int64]:
    """Return each double's position in the order of all: neighbours differ by one, and 0.0 and -0.0 are both at 0."""
    bits = np.ascontiguousarray(doubles, np.float64).view(np.int64)
    return np.where(bits < 0, -(bits & _MAGNITUDE), bits)


def doubles_at(positions: NDArray[np.int64]) -> Floats:
    """Return the doubles at these positions."""
    bits = np.where(positions < 0, -positions | np.int64(-(2**63)), positions)
    return bits.view(np.float64)


def last_alike(is_alike: Callable[[Floats], Mask], low: Floats, high: Floats) -> Floats:
    """Return the last double of each interval that is as its lowest one.

    Args:
        is_alike: of doubles, shape (n,), one in each interval: whether they are as the lowest; once one is not, none
            above it may be.
        low: shape (n,); they are.
        high: shape (n,), above low; they are not.
    """
    if not len(low):
        return low
    left, right = positions_of(low), positions_of(high)
    for _ in range(_N_HALVINGS):
        middle = (left >> 1) + (right >> 1) + (left & right & 1)  # the sum of both can be beyond 64 bits
        goes_left = is_alike(doubles_at(middle))
        left, right = np.where(goes_left, middle, left), np.where(goes_left, right, middle)
    return doubles_at(left)


def before(doubles: Any) -> Floats:
    """Return the next lower doubles."""
    return np.nextafter(np.asarray(doubles, np.float64), -np.inf)
