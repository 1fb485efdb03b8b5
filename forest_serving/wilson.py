"""How far a share that was seen in few rows can be off: Wilson's 95 % interval of it (1927)."""

from math import sqrt
from typing import NamedTuple

Z = 1.959963984540054  # 95 % of a normal distribution are within so many standard deviations


class Share(NamedTuple):
    """A share, and the ends of its interval."""

    share: float
    low: float
    high: float


def wilson(n_right: int, n: int) -> Share:
    """Return what share n_right is of n, which is not 0."""
    share, square = n_right / n, Z * Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    margin = Z / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n))
    return Share(share, max(0.0, middle - margin), min(1.0, middle + margin))
