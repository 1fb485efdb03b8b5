"""Contributions out of a decision table: the kernel's way, and NumPy's where there is no kernel."""

import ctypes
import struct
from collections.abc import Sequence

import numpy as np

from forest_serving.engines.engine import Floats
from forest_serving.explain.subsets import Subsets
from forest_serving.kernel.library import CellsStruct, Kernel, address


class Cells:
    """NumPy's way."""

    def __init__(self, subsets: Subsets) -> None:
        self._subsets, self._n_known = subsets, len(subsets.features)
        self._of_one = 1, subsets.n_features, subsets.outputs.shape[1]

    def find(self, rows: Floats, found: Floats) -> None:
        """Write contributions, shape (n_rows, n_features, n_outputs), both arrays C-contiguous."""
        if self._n_known == self._subsets.n_features:
            self._find_known(rows, found)
            return
        known = np.empty((len(rows), self._n_known, found.shape[2]))
        self._find_known(rows, known)
        found[:] = 0.0
        found[:, self._subsets.features] = known

    def find_one(self, row: Sequence[float]) -> Floats:
        """Return the contributions to one row, shape (1, n_features, n_outputs)."""
        found = np.empty(self._of_one)
        self.find(np.array([row], np.float64), found)
        return found

    def _find_known(self, rows: Floats, found: Floats) -> None:
        """Write those of the features that matter."""
        found[:] = self._subsets.find(rows)


class NativeCells(Cells):
    """The kernel's. It has room for one call of find_one at a time."""

    def __init__(self, kernel: Kernel, subsets: Subsets) -> None:
        super().__init__(subsets)
        self._struct = CellsStruct(
            n_features=subsets.n_features,
            n_known=self._n_known,
            n_outputs=subsets.outputs.shape[1],
            feature=subsets.features,
            **({} if subsets.answers is None else {"answers": subsets.answers}),
            **{n: getattr(subsets, n) for n in ("begin", "boundaries", "strides", "places", "values", "outputs")},
        )
        self._explain, self._address = kernel.explain_cells, ctypes.addressof(self._struct)
        self._explain_one, self._packed = kernel.explain_cell, struct.Struct(f"{subsets.n_features}d").pack
        # Copying what is found takes less time than finding out where a new array is.
        self._found = np.zeros(self._of_one)
        self._found_address = address(self._found)

    def find_one(self, row: Sequence[float]) -> Floats:
        """Return the contributions to one row."""
        if self._n_known < self._of_one[1]:
            return super().find_one(row)
        self._explain_one(self._address, self._packed(*row), self._found_address)
        return self._found.copy()

    def _find_known(self, rows: Floats, found: Floats) -> None:
        self._explain(self._address, address(rows), len(rows), address(found))


def cells_of(kernel: Kernel | None, subsets: Subsets) -> Cells:
    """Return the kernel's way, or NumPy's if there is no kernel."""
    return NativeCells(kernel, subsets) if kernel else Cells(subsets)
