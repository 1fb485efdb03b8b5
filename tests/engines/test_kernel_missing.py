"""Where the kernel does not load, NumPy answers, with the same bits; and the engine says which it is."""

import shutil

import numpy as np
import pytest

from forest_serving.engines.archive import ENGINES, pack, unpack
from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.forest import Forest
from forest_serving.engines.trees import take_trees
from forest_serving.kernel import library as kernel
from tests.support.kernels import libraries_in
from tests.support.made_engines import Dice, made_columns, made_trees

HERE = kernel.library_name()


def forest():
    """Return a forest of three classes."""
    dice = Dice([1, 2, 3, 4, 5])
    columns = made_columns(dice, 3)
    trees = take_trees(made_trees(Dice([3, 2, 0, 2, 3, 2]), len(columns.feature), 5), len(columns.feature))
    return Forest(3, columns, trees, "softmax by row", np.arange(3))


def table():
    """Return a table of two features, the first of which may be missing."""
    answers = np.arange(12, dtype=np.uint8) % 5
    outputs = np.random.default_rng(0).dirichlet(np.ones(3), 5)
    positions = outputs.argmax(axis=1).astype(np.uint32)
    boundaries = [np.array([0.5, 1.0]), np.array([-1.0, 0.0])]
    return DecisionTable(boundaries, [True, False], answers, outputs, positions, np.array(["a", "b", "c"]))


MADE = {"forest": forest, "decision_table": table}
assert MADE.keys() == ENGINES.keys()


def no_file(folder):
    """Leave the folder empty."""


def another_machines(folder):
    """Put another machine's library where this one's is looked for."""
    (other,) = (name for name in ("kernel-linux-x86_64.so", "kernel-linux-aarch64.so") if name != HERE)
    shutil.copy(kernel.FOLDER / other, folder / HERE)


def garbage(folder):
    """Put what is no library there."""
    (folder / HERE).write_bytes(b"\x7fELF" + bytes(range(256)) * 20)


def without_functions(folder):
    """Put a library there that has none of the functions."""
    library = (kernel.FOLDER / HERE).read_bytes()
    (folder / HERE).write_bytes(library.replace(b"find_cells", b"find_bells"))


def a_folder(folder):
    """Put a folder there."""
    (folder / HERE).mkdir()


@pytest.fixture(params=[no_file, another_machines, garbage, without_functions, a_folder])
def without_kernel(request, tmp_path):
    """Take the kernel away."""
    request.param(tmp_path)
    with libraries_in(tmp_path):
        yield


@pytest.fixture(params=ENGINES)
def native(request):
    """Return an engine that the kernel runs."""
    engine = MADE[request.param]()
    assert engine.walk == "native"
    return engine


def test_numpy_gives_the_same_bits_and_the_engine_says_that_it_is_numpy(native, without_kernel):
    engine = unpack(pack(native))
    assert engine.walk == "numpy"
    rows = np.random.default_rng(0).normal(size=(300, native.n_features))
    rows[::7, 0] = np.nan
    assert engine.predict_proba(rows).tobytes() == native.predict_proba(rows).tobytes()
    assert engine.predict(rows).tolist() == native.predict(rows).tolist()
    assert [engine.answer_one(row) for row in rows.tolist()] == [native.answer_one(row) for row in rows.tolist()]


def test_the_kernel_is_looked_for_once(without_kernel):
    assert kernel.kernel() is None
    assert kernel.kernel.cache_info().misses == 1


@pytest.mark.parametrize(("system", "machine"), [("win32", "AMD64"), ("linux", "riscv64"), ("freebsd14", "amd64")])
def test_a_platform_without_a_library_finds_none(system, machine):
    assert not (kernel.FOLDER / kernel.library_name(system, machine)).exists()
