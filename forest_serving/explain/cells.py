"""Contributions out of a decision table: the kernel's way, and NumPy's where there is no kernel."""

import ctypes
import struct
from collections.abc import Sequence

import numpy as np

from forest_serving.engines.engine import Floats
from forest_serving.explain.subsets import Subsets
from forest_serving.kernel.library import Kernel, SubsetsStruct, address


class Cells:
    """NumPy's way."""

    def __init__(self, subsets: Subsets) -> None:
        self._subsets = subsets

    def find(self, rows: Floats) -> Floats:
        """Return contributions, shape (n_rows, n_features, n_outputs)."""
        return self._subsets.find(rows)

    def find_one(self, row: Sequence[float]) -> Sequence[float]:
        """Return the contributions to one row, those of a feature side by side."""
        found: list[float] = self.find(np.array([row], np.float64)).ravel().tolist()
        return found


class NativeCells(Cells):
    """The kernel's."""

    def __init__(self, kernel: Kernel, subsets: Subsets) -> None:
        super().__init__(subsets)
        names = ("begin", "boundaries", "strides", "places", "weights", "values", "outputs")
        self._struct = SubsetsStruct(
            n_features=subsets.n_features,
            n_known=len(subsets.features),
            n_subsets=len(subsets.places),
            n_outputs=subsets.outputs.shape[1],
            feature=subsets.features,
            **({} if subsets.answers is None else {"answers": subsets.answers}),
            **{name: getattr(subsets, name) for name in names},
        )
        self._find, self._shape = kernel.explain_cells, (subsets.n_features, subsets.outputs.shape[1])
        # As in walks.py: all that one row needs.
        n_numbers = self._shape[0] * self._shape[1]
        packed, unpacked = struct.Struct(f"{subsets.n_features}d").pack, struct.Struct(f"{n_numbers}d").unpack_from
        address_of = ctypes.addressof(self._struct)
        self._one = kernel.explain_cell, address_of, packed, ctypes.c_double * n_numbers, unpacked

    def find(self, rows: Floats) -> Floats:
        """Return contributions."""
        found = np.empty((len(rows), *self._shape))
        self._find(ctypes.addressof(self._struct), address(rows), len(rows), address(found))
        return found

    def find_one(self, row: Sequence[float]) -> Sequence[float]:
        """Return the contributions to one row."""
        explain, subsets, packed, kind, unpacked = self._one
        found = kind()
        explain(subsets, packed(*row), found)
        return unpacked(found)  # in less time than a list


def cells_of(kernel: Kernel | None, subsets: Subsets) -> Cells:
    """Return the kernel's way, or NumPy's if there is no kernel."""
    return NativeCells(kernel, subsets) if kernel else Cells(subsets)
