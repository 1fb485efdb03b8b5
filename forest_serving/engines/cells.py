"""The cells that a table's boundaries cut the input space into, numbered with the last feature varying fastest."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.engine import Floats


def corners(ends: list[Floats], cells: NDArray[Any]) -> Floats:
    """Return a corner of each cell, shape (n_cells, n_features), given one end of every feature's intervals."""
    columns = []
    for end in reversed(ends):  # the last feature varies fastest
        cells, interval = np.divmod(cells, len(end))
        columns.append(end[interval])
    return np.stack(columns[::-1], axis=1)


def blocks(n: int, size: int) -> Iterator[NDArray[Any]]:
    """Yield the numbers below n in runs of at most size."""
    return (np.arange(start, min(start + size, n)) for start in range(0, n, size))
