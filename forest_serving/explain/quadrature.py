"""Sums over a few points in place of integrals from 0 to 1 (Gauss and Legendre): exact for polynomials.

A sum over n points integrates what has a degree below 2 n. So half as many points as factors suffice; in pairs, as the
kernel takes two at once. Above MOST_POINTS more would add nothing to the last digit of a product of so many factors.
"""

from functools import cache

import numpy as np

from forest_serving.engines.engine import Floats

MOST_POINTS = 64


def n_points_for(n_factors: int) -> int:
    """Return how many points there are for a product of so many factors, one of which is left out in turn."""
    return min(MOST_POINTS, max(2, -(-n_factors // 4) * 2))


@cache
def points_of(n_points: int) -> tuple[Floats, Floats]:
    """Return points between 0 and 1, and their weights, which add up to 1."""
    points, weights = np.polynomial.legendre.leggauss(n_points)
    return (points + 1) / 2, weights / 2
