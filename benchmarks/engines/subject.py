"""A model, compiled: its engines, what building them took, and rows to ask."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from benchmarks.compiling import inputs_of, raw_rows
from benchmarks.engines.models import Model
from forest_serving.engines import decision_table as table_module
from forest_serving.engines import forest as forest_module
from forest_serving.engines.archive import pack, unpack
from forest_serving.engines.compile import compile_forest, compile_model
from forest_serving.engines.engine import Engine, Floats
from forest_serving.engines.fold import Inputs
from forest_serving.engines.proof import prove
from forest_serving.engines.tabulate import grids_of

N_ROWS, LOADS = 20_000, 5


class Subject(NamedTuple):
    """A model that is compared.

    Attributes:
        model: as it was trained.
        inputs: the same, taken apart.
        engine: as it is served.
        fallback: the same engine where the kernel does not load.
        n_nodes: of all trees.
        took: seconds, by what took them: "compile", "prove", "load".
        n_bytes: of the engine's file.
        rows: shape (N_ROWS, n_features), like the training data, each a little aside.
    """

    model: Model
    inputs: Inputs
    engine: Engine
    fallback: Engine
    n_nodes: int
    took: dict[str, float]
    n_bytes: int
    rows: Floats


def subject_of(model: Model) -> Subject:
    """Compile and prove a model."""
    start = time.perf_counter()
    inputs = inputs_of(model.fitted, model.X)
    engine = compile_model(inputs, model.engine).engine
    took = {"compile": time.perf_counter() - start}
    took["prove"], _ = timed(lambda: prove(engine, model.fitted, inputs))
    file = pack(engine)
    took["load"] = median(timed(lambda: unpack(file))[0] for _ in range(LOADS))
    with no_kernel():
        fallback = unpack(file)
    n_nodes = len(compile_forest(inputs).trees.nodes)
    rows = rows_beside(raw_rows(model.fitted, inputs, model.X), inputs)
    return Subject(model, inputs, unpack(file), fallback, n_nodes, took, len(file), rows)


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return how many seconds a call takes, and what it returns."""
    start = time.perf_counter()
    found = call()
    return time.perf_counter() - start, found


@contextmanager
def no_kernel() -> Iterator[None]:
    """Make engines that do without the kernel."""
    modules: tuple[Any, ...] = (forest_module, table_module)
    kernels = [module.kernel for module in modules]
    try:
        for module in modules:
            module.kernel = lambda: None
        yield
    finally:
        for module, kernel in zip(modules, kernels, strict=True):
            module.kernel = kernel


def rows_beside(rows: Floats, inputs: Inputs) -> Floats:
    """Return rows drawn from others, their numbers a tenth of a standard deviation aside."""
    random = np.random.default_rng(0)
    drawn = rows[random.integers(0, len(rows), N_ROWS)]
    for place, feature in enumerate(inputs.features):
        if not feature.categories:
            drawn[:, place] += random.normal(0, 0.1, N_ROWS) * np.nanstd(rows[:, place])
    return np.ascontiguousarray(drawn)


def rows_at_splits(subject: Subject, n: int) -> Floats:
    """Return rows of whose values two in three are the last double that goes left somewhere, or the next."""
    random, grids = np.random.default_rng(1), grids_of(compile_forest(subject.inputs), subject.inputs.features)
    drawn = subject.rows[random.integers(0, N_ROWS, n)]
    for place, (feature, ends) in enumerate(zip(subject.inputs.features, grids, strict=True)):
        if not feature.categories and len(ends):
            near = random.choice(np.concatenate([ends, np.nextafter(ends, np.inf)]), n)
            drawn[:, place] = np.where(random.random(n) < 2 / 3, near, drawn[:, place])
    return np.ascontiguousarray(drawn)
