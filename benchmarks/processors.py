"""Time the kernel built for the oldest x86-64 beside itself built for newer ones: would a choice at start be worth it?

    make kernel && python -m benchmarks.processors [CPU...]

CPU is one of Clang's names, and must be no newer than this machine's. About a minute; medians of rounds in which the
kernels take turns, in processor time. Bits are compared, too.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.datasets import load_breast_cancer, make_classification
from sklearn.ensemble import RandomForestClassifier

from forest_serving.card import Feature
from forest_serving.engines.cell_search import GRIDS, NativeSearch, grid_of
from forest_serving.engines.compile import compile_forest
from forest_serving.engines.engine import Floats
from forest_serving.engines.fold import fold
from forest_serving.engines.walks import NativeWalk
from forest_serving.kernel import library as kernel

ROUNDS, N_ROWS, BLOCK_ROWS = 15, 10_240, 1_024
Work = Callable[[], object]


def main() -> None:
    """Print a table: microseconds a row."""
    cpus = ["baseline", *(sys.argv[1:] or ["x86_64_v3", "native"])]
    with TemporaryDirectory() as folder:
        kernels = {cpu: built_for(cpu, Path(folder, cpu)) for cpu in cpus}
        print(f"{'microseconds a row':36}" + "".join(f"{cpu:>12}" for cpu in cpus))
        for name, works in subjects(kernels).items():
            spent_us = timed(works)
            print(f"{name:36}" + "".join(f"{spent_us[cpu]:12.3f}" for cpu in cpus), flush=True)


def built_for(cpu: str, folder: Path) -> kernel.Kernel:
    """Return the kernel built for a processor."""
    command = [f"{sys.prefix}-kernel/bin/python", "-m", "tools.build_kernel", "--cpu", cpu, "--into", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    kernel.FOLDER = folder
    kernel.kernel.cache_clear()
    loaded = kernel.kernel()
    assert loaded, f"no kernel for {cpu}"
    return loaded


def subjects(kernels: dict[str, kernel.Kernel]) -> dict[str, dict[str, Work]]:
    """Return what each kernel is timed at, and how many rows that are."""
    found: dict[str, dict[str, Work]] = {"table, 10,240 rows": table(kernels)}
    for data, labels in (load_breast_cancer(return_X_y=True), made()):
        forest = RandomForestClassifier(100, random_state=0, n_jobs=1).fit(data, labels)
        n_nodes = sum(tree.tree_.node_count for tree in forest.estimators_)
        many, one = walks(kernels, forest, np.ascontiguousarray(np.resize(data, (N_ROWS, data.shape[1])), np.float64))
        found |= {f"{n_nodes:,} nodes, 10,240 rows": many, f"{n_nodes:,} nodes, one row at a time": one}
    return found


def made() -> tuple[Floats, Floats]:
    """Return data of which a large forest is made."""
    data, labels = make_classification(20_000, 30, n_informative=20, n_classes=3, flip_y=0.2, random_state=0)
    return data, labels


def table(kernels: dict[str, kernel.Kernel]) -> dict[str, Work]:
    """Return searches of a table of 10,000 cells."""
    random = np.random.default_rng(0)
    boundaries, rows = [np.sort(random.uniform(0, 8, 9)) for _ in range(4)], random.uniform(0, 8, (N_ROWS, 4))
    grid = next(found for size in GRIDS if (found := grid_of(boundaries, [False] * 4, *size)))
    searches = {cpu: NativeSearch(each, grid, [1000, 100, 10, 1]) for cpu, each in kernels.items()}
    return {cpu: partial(search.cells, rows) for cpu, search in searches.items()}


def walks(kernels: dict[str, kernel.Kernel], forest: RandomForestClassifier, rows: Floats) -> list[dict[str, Work]]:
    """Return walks of many rows, and of one at a time."""
    features = tuple(Feature(name=f"f{i}", deciles=(0.0,) * 11) for i in range(rows.shape[1]))
    engine, listed = compile_forest(fold(forest, features)), rows[:1000].tolist()

    def walk(each: NativeWalk) -> Floats:
        sums = np.tile(engine.trees.base, (N_ROWS, 1))
        for start in range(0, N_ROWS, BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            each.add(0, engine.n_trees, each.rank(rows[block]), sums[block])
        return sums

    def walk_one_by_one(each: NativeWalk) -> list[list[float]]:
        return [each.sums_of_one(row) for row in listed]

    found = {cpu: NativeWalk(each, rows.shape[1], engine.columns, engine.trees, 1.0) for cpu, each in kernels.items()}
    return [{cpu: partial(way, each) for cpu, each in found.items()} for way in (walk, walk_one_by_one)]


def timed(works: dict[str, Work]) -> dict[str, float]:
    """Return microseconds of processor time for each row of the result, and check that all results are the same."""
    first = np.array(next(iter(works.values()))())
    spent_s: dict[str, list[float]] = {cpu: [] for cpu in works}
    for _ in range(ROUNDS):
        for cpu, work in works.items():
            began = time.process_time()
            found = work()
            spent_s[cpu].append(time.process_time() - began)
            assert np.array_equal(first, np.array(found))
    return {cpu: median(each) / len(first) * 1e6 for cpu, each in spent_s.items()}


if __name__ == "__main__":
    main()
