"""Engines as bytes: NumPy's .npz without pickle, so that reading one can never run code."""

import io
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines import FORMAT
from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Arrays, Engine
from forest_serving.engines.forest import Forest
from forest_serving.errors import DamagedModel

ENGINES: dict[str, type[Engine]] = {engine.kind: engine for engine in (DecisionTable, Forest)}


def pack(engine: Engine) -> bytes:
    """Return an engine as a file's bytes; equal engines give equal bytes."""
    return write_arrays({"kind": np.array(engine.kind), "format": np.array(FORMAT)} | engine.to_arrays())


def write_arrays(arrays: Arrays) -> bytes:
    """Return arrays as a file's bytes; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack(file: bytes) -> Engine:
    """Return the engine in a file's bytes.

    Raises:
        DamagedModel: if the bytes are not what pack writes. Nothing in them is ever executed.
    """
    try:
        return _rebuild(read_arrays(file))
    except DamagedModel:
        raise
    except Exception as error:  # the many ways in which a zip or a NumPy header can be broken all mean the same
        raise DamagedModel(
            f"The file cannot be read ({type(error).__name__}). Train and save the model again."
        ) from None


def read_arrays(file: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays in a file's bytes.

    Raises:
        DamagedModel: if they are compressed.
        Exception: in the many ways in which a zip or a NumPy header can be broken.
    """
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
            raise DamagedModel("The file is compressed, which this project never does; it may be hostile.")
    with np.load(io.BytesIO(file), allow_pickle=False) as npz:
        return dict(npz)


def _rebuild(arrays: dict[str, NDArray[Any]]) -> Engine:
    kind, version = str(arrays.get("kind")), arrays.get("format")
    if kind not in ENGINES or version is None or version.shape or version != FORMAT:
        raise DamagedModel(f"The file holds no engine of format {FORMAT}. Train and save the model again.")
    return ENGINES[kind].from_arrays(arrays)
