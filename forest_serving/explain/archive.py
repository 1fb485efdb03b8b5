"""What explanations need beside the engine, as bytes: NumPy's .npz without pickle, as engines are."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.archive import read_arrays, write_arrays
from forest_serving.engines.arrays import check, take
from forest_serving.engines.engine import Arrays, Engine, Floats
from forest_serving.engines.forest import Forest
from forest_serving.errors import DamagedModel

FORMAT = 1  # raise it when the meaning of an array changes


class Explained(NamedTuple):
    """Trees, and how many training rows, or which weights of them, reached each of their nodes."""

    forest: Forest
    cover: Floats


def pack(explained: Explained, engine: Engine) -> bytes:
    """Return a file's bytes; the trees are in it only where the engine, a table, has none."""
    trees = {} if isinstance(engine, Forest) else explained.forest.to_arrays()
    header = {"kind": np.array("explanation"), "explanation_format": np.array(FORMAT)}
    return write_arrays(header | trees | {"cover": _short(explained.cover)})


def unpack(file: bytes, engine: Engine) -> Explained:
    """Return what is in a file's bytes.

    Raises:
        DamagedModel: if they are not what pack writes for this engine. Nothing in them is ever executed.
    """
    try:
        arrays = read_arrays(file)
        check(arrays.get("explanation_format") == FORMAT, "explanation_format")
        return _rebuilt(arrays, engine)
    except DamagedModel:
        raise
    except Exception as error:  # as of an engine
        raise DamagedModel(f"The explanation cannot be read ({type(error).__name__}). Save the model again.") from None


def _rebuilt(arrays: Arrays, engine: Engine) -> Explained:
    forest = engine if isinstance(engine, Forest) else Forest.from_arrays(arrays)
    cover = take(arrays, "cover", "uf", 1).astype(np.float64)
    check(len(cover) == len(forest.trees.nodes) and are_usable(cover), "cover")
    check(forest.n_features == engine.n_features and np.array_equal(forest.classes, engine.classes), "classes")
    return Explained(forest, cover)


def are_usable(cover: Floats) -> bool:
    """Return whether each node was reached by rows: negative weights, for one, leave nothing to divide by."""
    return bool((cover > 1e-100).all() and (cover < 1e100).all())


def _short(cover: Floats) -> NDArray[np.float64 | np.uint32]:
    with np.errstate(invalid="ignore"):  # of NaN, which is not whole
        whole = cover.clip(0, 2**32 - 1).astype(np.uint32)
    return whole if np.array_equal(whole, cover) else cover
