"""The native kernel, as Python calls it; engines.c, rows.c and explain.c say what it does.

There is one library for each platform in libraries/, for all versions of Python. Where none fits, or it does not load,
whoever would call it does the same with NumPy, to the bit.
"""

import ctypes
import platform
import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

LANES = 8  # as in engines.c
FOLDER = Path(__file__).parent / "libraries"
_ARCHITECTURES = {"AMD64": "x86_64", "arm64": "aarch64"}
_SYSTEMS = {"linux": "so", "darwin": "dylib"}

_INTEGER, _POINTER = ctypes.c_int64, ctypes.c_void_p


class _Struct(ctypes.Structure):
    """A C struct; it keeps the arrays that its pointers lead to."""

    def __init__(self, **fields: Any) -> None:
        self._arrays = {name: value for name, value in fields.items() if hasattr(value, "ctypes")}
        addresses = {name: address(array) for name, array in self._arrays.items()}
        super().__init__(**{**fields, **addresses})


class ForestStruct(_Struct):
    """The struct forest."""

    _fields_ = (
        *((name, _INTEGER) for name in ("n_features", "n_columns", "n_trees", "n_outputs", "width")),
        *((name, _POINTER) for name in ("feature", "begin", "boundaries", "recoded", "codes")),
        *((name, _POINTER) for name in ("nodes", "roots", "value_of", "output", "values", "base")),
        ("divisor", ctypes.c_double),
    )


class TableStruct(_Struct):
    """The struct table."""

    _fields_ = (
        *((name, _INTEGER) for name in ("n_features", "n_steps", "n_compared", "n_repeated")),
        *((name, _POINTER) for name in ("slope", "shift", "in_step", "below", "stride")),
    )


class LimitsStruct(_Struct):
    """The struct limits."""

    _fields_ = (("n_columns", _INTEGER), ("low", _POINTER), ("high", _POINTER))


class RecordStruct(_Struct):
    """The struct record."""

    _fields_ = (("n_names", _INTEGER), *((name, _POINTER) for name in ("names", "begin", "column")))


class PathsStruct(_Struct):
    """The struct paths."""

    _fields_ = (
        *((name, _INTEGER) for name in ("n_features", "n_columns", "n_outputs", "width", "n_levels")),
        *((name, _POINTER) for name in ("edges", "begin", "output", "values")),
        *((name, _POINTER) for name in ("n_points", "points_at", "points", "weights", "losses")),
    )


class CellsStruct(_Struct):
    """The struct cells."""

    _fields_ = (
        *((name, _INTEGER) for name in ("n_features", "n_known", "n_outputs")),
        *((name, _POINTER) for name in ("feature", "begin", "boundaries", "strides", "places")),
        *((name, _POINTER) for name in ("values", "answers", "outputs")),
    )


class Kernel(NamedTuple):
    """The functions of the library.

    All but sum_row and explain_cell let other threads run meanwhile; giving up and taking back the interpreter's lock
    would take longer than one row.
    """

    rank_rows: Any
    add_trees: Any
    sum_row: Any
    find_cells: Any
    read_rows: Any
    read_records: Any
    are_within: Any
    count_beyond: Any
    write_texts: Any
    explain_trees: Any
    explain_cells: Any
    explain_cell: Any


@cache
def kernel() -> Kernel | None:
    """Return the kernel, or None where it cannot be loaded."""
    file = FOLDER / library_name()
    try:
        shared, holding = ctypes.CDLL(str(file)), ctypes.PyDLL(str(file))
        return Kernel(
            _function(shared.rank_rows, "pointer pointer integer pointer"),
            _function(shared.add_trees, "pointer integer integer pointer integer pointer"),
            _function(holding.sum_row, "pointer bytes pointer"),
            _function(shared.find_cells, "pointer pointer integer pointer"),
            _function(shared.read_rows, "pointer pointer integer pointer integer pointer", _INTEGER),
            _function(shared.read_records, "pointer pointer pointer pointer integer pointer", ctypes.c_int32),
            _function(shared.are_within, "pointer integer pointer pointer integer", ctypes.c_int32),
            _function(shared.count_beyond, "pointer integer pointer pointer integer pointer"),
            _function(shared.write_texts, "pointer pointer pointer integer pointer", _INTEGER),
            _function(shared.explain_trees, "pointer integer integer pointer integer pointer pointer pointer"),
            _function(shared.explain_cells, "pointer pointer integer pointer"),
            _function(holding.explain_cell, "pointer bytes pointer"),
        )
    except (OSError, AttributeError):  # no file, no library for this machine, or one without these functions
        return None


def library_name(system: str = sys.platform, machine: str = "") -> str:
    """Return the name of a platform's library, as in "kernel-linux-x86_64.so"."""
    machine = machine or platform.machine()
    return f"kernel-{system}-{_ARCHITECTURES.get(machine, machine)}.{_SYSTEMS.get(system, 'so')}"


def address(array: Any) -> int:
    """Return where a NumPy array's data begin."""
    try:
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # in a third of NumPy's time
    except (TypeError, ValueError):  # read-only, empty or with gaps
        begin: int = array.ctypes.data
        return begin


def _function(function: Any, arguments: str, result: Any = None) -> Any:
    kinds = {"pointer": _POINTER, "integer": _INTEGER, "bytes": ctypes.c_char_p}
    function.argtypes, function.restype = [kinds[kind] for kind in arguments.split()], result
    return function
