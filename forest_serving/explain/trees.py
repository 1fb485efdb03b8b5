"""Contributions out of trees: the kernel's way, and NumPy's where there is no kernel."""

import ctypes
from abc import ABC, abstractmethod

import numpy as np

from forest_serving.engines.columns import Ranks
from forest_serving.engines.engine import Floats
from forest_serving.explain.paths import Paths
from forest_serving.explain.tree_in_numpy import TreeInNumpy
from forest_serving.kernel.library import LANES, Kernel, PathsStruct, address

_LEVEL_BYTES = 128  # at least the size of a level in explain.c


class Explaining(ABC):
    """A way through the edges of trees."""

    @abstractmethod
    def add(self, first: int, last: int, ranks: Ranks, found: Floats) -> None:
        """Add what the trees from first to before last contribute.

        Args:
            first: the first tree.
            last: the one after the last.
            ranks: of the rows, as the way through trees has them.
            found: shape (n_rows, n_features, n_outputs).
        """


class NativeExplaining(Explaining):
    """The kernel's. It has room for one call at a time."""

    def __init__(self, kernel: Kernel, n_features: int, n_columns: int, paths: Paths) -> None:
        self._explain, width = kernel.explain_trees, paths.values.shape[1]
        self._struct = PathsStruct(
            n_features=n_features,
            n_columns=n_columns,
            n_outputs=paths.n_outputs,
            width=width,
            n_levels=paths.depth + 1,
            **{name: getattr(paths, name) for name in ("edges", "begin", "output", "values", "n_points", "points_at")},
            points=paths.points,
            weights=paths.weights,
            losses=paths.weights / (1 - paths.points),
        )
        self._address = ctypes.addressof(self._struct)
        n_doubles = (LANES * (1 + width) + 7) * int(paths.n_points.max())
        self._levels = np.zeros((paths.depth + 1) * _LEVEL_BYTES, np.uint8)
        self._room = np.zeros((paths.depth + 1) * n_doubles)
        self._rooms = address(self._levels), address(self._room)

    def add(self, first: int, last: int, ranks: Ranks, found: Floats) -> None:
        """Add what some trees contribute."""
        self._explain(self._address, first, last, address(ranks), len(found), address(found), *self._rooms)


class NumpyExplaining(Explaining):
    """NumPy's."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def add(self, first: int, last: int, ranks: Ranks, found: Floats) -> None:
        """Add what some trees contribute."""
        width = self._paths.values.shape[1]
        for tree in range(first, last):
            output = int(self._paths.output[tree])
            TreeInNumpy(self._paths, tree).add(ranks, found[:, :, output : output + width])


def explaining_of(kernel: Kernel | None, n_features: int, n_columns: int, paths: Paths) -> Explaining:
    """Return the kernel's way, or NumPy's if there is no kernel."""
    return NativeExplaining(kernel, n_features, n_columns, paths) if kernel else NumpyExplaining(paths)
