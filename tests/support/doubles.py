"""Doubles at which comparing or rounding to float32 could tip."""

import numpy as np

from forest_serving.card import HIGHEST as LARGEST

FLOAT32_MAX = float(np.finfo(np.float32).max)

_MAGNITUDES = [
    *(0.0, 5e-324, 2.2250738585072014e-308),  # zero, the smallest double, the smallest normal double
    *(2.0**-150, 2.0**-149, 2.0**-126),  # half of the smallest float32, the smallest, the smallest normal one
    *(0.1, 1.0, 2.0**53 + 2, 1e38, FLOAT32_MAX, LARGEST),
]
SPECIAL = np.array([*_MAGNITUDES, *(-value for value in _MAGNITUDES)])
BEYOND_FLOAT32 = np.array([3.5e38, 1e300, -3.5e38, -1e300])


def around(values: np.ndarray) -> np.ndarray:
    """Return doubles near each value where comparing or rounding could tip, none outside the domain.

    These are the value, its float32 neighbours and the midpoints between them, and one double either side of each.
    """
    values = np.clip(values, -LARGEST, LARGEST)
    nearest = values.astype(np.float32)
    with np.errstate(over="ignore"):
        neighbours = np.nextafter(nearest, np.float32(-np.inf)), nearest, np.nextafter(nearest, np.float32(np.inf))
    below, middle, above = (floats.astype(np.float64) for floats in neighbours)
    marks = np.concatenate([values, below, middle, above, (below + middle) / 2, (middle + above) / 2])
    marks = np.clip(marks, -LARGEST, LARGEST)
    sides: np.ndarray = np.concatenate([marks, np.nextafter(marks, -np.inf), np.nextafter(marks, np.inf)])
    sides.clip(-LARGEST, LARGEST, out=sides)
    return sides


def any_doubles(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return random doubles of all magnitudes in the domain."""
    return rng.choice([-1, 1], n) * np.minimum(2.0 ** rng.uniform(-1074, 128, n), LARGEST)
