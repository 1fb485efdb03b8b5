"""Which cell of a table each of many rows falls into: the kernel's way, and NumPy's where there is no kernel."""

import ctypes
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.engine import Floats
from forest_serving.kernel.library import Kernel, TableStruct, address

# Steps of a feature, and how many boundaries may share one: the first that suit are taken. The more steps, the less of
# them is in the processor's cache; with more boundaries in one than the kernel compares, NumPy's halving is the way.
GRIDS = ((256, 2), (1024, 2), (1024, 4), (8192, 4))
_AT_ONCE = 128  # values, whose features' slopes stand side by side, so that the processor finds several steps at once

Cells = NDArray[np.int64]


class Search(ABC):
    """A way to find cells."""

    name: str

    @abstractmethod
    def find(self, rows: Floats, cells: Cells) -> None:
        """Write the cell of each row, shape (n_rows,), for rows of shape (n_rows, n_features), C-contiguous."""

    def cells(self, rows: Floats) -> Cells:
        """Return the cell of each row."""
        cells = np.empty(len(rows), np.int64)
        self.find(rows, cells)
        return cells


class NumpySearch(Search):
    """Halving, feature by feature."""

    name = "numpy"

    def __init__(self, boundaries: list[Floats], gaps: Sequence[bool], strides: Sequence[int]) -> None:
        self._features = list(zip(boundaries, gaps, strides, strict=True))

    def find(self, rows: Floats, cells: Cells) -> None:
        """Write the cell of each row."""
        cells[:] = 0
        for (boundaries, has_gap, stride), column in zip(self._features, np.ascontiguousarray(rows.T), strict=True):
            intervals = boundaries.searchsorted(column)
            cells += stride * (np.where(np.isnan(column), 0, intervals + 1) if has_gap else intervals)


class NativeSearch(Search):
    """The kernel's, by equal steps over each feature: how many boundaries are in lower steps is known at once.

    Args:
        kernel: what searches.
        grid: the steps of the features that matter, of which there are few: each at least doubles a table's cells.
        strides: of each of these, by how much a cell's number grows from one interval to the next.
        features: which of a row's they are; None if they are all.
    """

    name = "native"

    def __init__(
        self, kernel: Kernel, grid: "Grid", strides: Sequence[int], features: Sequence[int] | None = None
    ) -> None:
        n_features, n_steps, n_compared = grid.in_step.shape
        n_times = -(-_AT_ONCE // n_features)
        factors = np.array(strides, np.int64)
        self._features = features
        self._find_cells = kernel.find_cells
        self._struct = TableStruct(
            n_features=n_features,
            n_steps=n_steps,
            n_compared=n_compared,
            n_repeated=n_features * n_times,
            slope=np.tile(grid.slope, n_times),
            shift=np.tile(grid.shift, n_times),
            in_step=grid.in_step,
            below=grid.below * factors[:, np.newaxis],
            stride=factors,
        )
        self._address = ctypes.addressof(self._struct)

    def find(self, rows: Floats, cells: Cells) -> None:
        """Write the cell of each row."""
        if self._features is not None:
            rows = np.ascontiguousarray(rows[:, self._features])
        self._find_cells(self._address, address(rows), len(rows), address(cells))


class Grid(NamedTuple):
    """Equal steps over each feature.

    Attributes:
        slope: shape (n_features,).
        shift: shape (n_features,); value * slope + shift, cut to a whole number that is a step's, is the value's step.
        in_step: shape (n_features, n_steps, n_compared), the boundaries in each step, filled up with infinity.
        below: shape (n_features, n_steps), how many boundaries are in lower steps.
    """

    slope: Floats
    shift: Floats
    in_step: Floats
    below: Cells


def grid_of(boundaries: Sequence[Floats], gaps: Sequence[bool], n_steps: int, n_compared: int) -> Grid | None:
    """Return equal steps over each feature; None if a step has more boundaries, or a range cannot be divided.

    A missing value has the first step, where it passes nothing. What is not missing passes -inf there.
    """
    low, high = np.array([feature[[0, -1]] if len(feature) else (0.0, 0.0) for feature in boundaries]).T
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        slope = np.where(high > low, (n_steps - 1) / (high - low), 0.0)
        shift = -low * slope
    if not np.isfinite([slope, shift, high]).all():  # the range is too narrow to be divided, or endless
        return None
    in_step = np.full((len(boundaries), n_steps, n_compared), np.inf)
    below = np.zeros((len(boundaries), n_steps), np.int64)
    for axis, (finite, has_gap) in enumerate(zip(boundaries, gaps, strict=True)):
        feature = np.append(-np.inf, finite) if has_gap else finite
        steps = (finite * slope[axis] + shift[axis]).clip(0, n_steps - 1).astype(np.int64)
        steps = np.append(0, steps) if has_gap else steps
        counts = np.bincount(steps, minlength=n_steps)
        if counts.max(initial=0) > n_compared:
            return None
        below[axis] = np.cumsum(counts) - counts
        in_step[axis, steps, np.arange(len(feature)) - below[axis, steps]] = feature
    return Grid(slope, shift, in_step, below)


def search_of(kernel: Kernel | None, boundaries: list[Floats], gaps: Sequence[bool], strides: Sequence[int]) -> Search:
    """Return the kernel's search, or NumPy's if there is no kernel, or the boundaries are too uneven for steps."""
    used = [axis for axis, feature in enumerate(boundaries) if len(feature) or gaps[axis]] or [0]
    for n_steps, n_compared in GRIDS if kernel else ():
        grid = grid_of([boundaries[axis] for axis in used], [gaps[axis] for axis in used], n_steps, n_compared)
        if grid and kernel:
            features = used if len(used) < len(boundaries) else None
            return NativeSearch(kernel, grid, [strides[axis] for axis in used], features)
    return NumpySearch(boundaries, gaps, strides)
