"""How long requests took, in bins that grow by a twentieth: quantiles of any number of them in the same memory."""

from math import log

import numpy as np
from numpy.typing import NDArray

LEAST_S, N_BINS, GROWTH = 1e-6, 420, 1.05  # up to 800 s
Ints = NDArray[np.int64]


def count(durations_s: NDArray[np.float64]) -> Ints:
    """Return how many durations fall into each bin."""
    places = np.log(np.maximum(durations_s, LEAST_S) / LEAST_S) / log(GROWTH)
    found: Ints = np.bincount(np.minimum(places.astype(np.intp), N_BINS - 1), minlength=N_BINS)
    return found


def quantile(counts: Ints, share: float) -> float | None:
    """Return the duration that this share of all does not exceed, to a twentieth; None if there are none."""
    total = int(counts.sum())
    if not total:
        return None
    place = int(np.searchsorted(np.cumsum(counts), share * total))
    found: float = LEAST_S * GROWTH ** (min(place, N_BINS - 1) + 0.5)
    return found
