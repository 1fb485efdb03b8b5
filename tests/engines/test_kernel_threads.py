"""The kernel keeps no state, and lets other threads run while it works on many rows."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, Thread
from time import monotonic

import numpy as np
import pytest

from forest_serving.engines.cell_search import NativeSearch, grid_of
from forest_serving.engines.columns import Column, Columns
from forest_serving.engines.trees import take_trees
from forest_serving.engines.walks import NativeWalk
from forest_serving.kernel.library import kernel
from tests.support.made_engines import Dice, made_trees

N_FEATURES, N_ROWS = 20, 200_000
OF_MANY_ROWS = ("rank_rows", "add_trees", "find_cells")
# Choices of made_trees: 33 trees of 3 outputs, 50 values, 400 splits.
LARGE = bytes([5, 2, 0, 2, 4, 2])


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(0).normal(size=(N_ROWS, N_FEATURES))


def walk_with(functions):
    """Return a walk that calls these functions of the kernel."""
    boundaries = np.concatenate([[-np.inf], np.unique(np.random.default_rng(1).normal(size=1000))])
    columns = Columns.of([Column(feature, boundaries) for feature in range(N_FEATURES)])
    trees = take_trees(made_trees(Dice(LARGE), N_FEATURES, 1000), N_FEATURES)
    return NativeWalk(functions, N_FEATURES, columns, trees, 1.0)


def work_with(functions, name, rows):
    """Return a function that has one of the kernel's work on many rows, and returns what it finds."""
    if name == "find_cells":
        boundaries = [np.linspace(-2, 2, 9)] * N_FEATURES
        grid = grid_of(boundaries, [False] * N_FEATURES, 256, 2)
        return lambda: NativeSearch(functions, grid, [7] * N_FEATURES).cells(rows)
    walk = walk_with(functions)
    if name == "rank_rows":
        return lambda: walk.rank(rows)
    ranks = walk.rank(rows)

    def add():
        sums = np.zeros((N_ROWS, 3))
        walk.add(0, 33, ranks, sums)
        return sums

    return add


@pytest.mark.parametrize("name", OF_MANY_ROWS)
def test_two_threads_at_once_find_what_one_finds(name, rows):
    work = work_with(kernel(), name, rows)
    alone = work()
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda _: work(), range(6)))
    assert all(np.array_equal(alone, each) for each in found)


def test_one_row_is_answered_alike_by_two_threads_at_once(rows):
    walk, few = walk_with(kernel()), rows[:2000].tolist()
    alone = [walk.sums_of_one(row) for row in few]
    with ThreadPoolExecutor(2) as threads:
        assert all(found == alone for found in threads.map(lambda _: [walk.sums_of_one(row) for row in few], range(4)))


@pytest.mark.parametrize("name", OF_MANY_ROWS)
def test_another_thread_goes_on_while_the_kernel_works(name, rows, long_turns):
    """The other thread may wake when the kernel is called, and nobody else gives up the interpreter's lock."""
    asleep, woken, went_on = Lock(), [], []
    asleep.acquire()
    thread = Thread(target=lambda: (asleep.acquire(), woken.append(True)))

    def watched(*arguments):
        asleep.release()
        began = monotonic()
        while not woken and monotonic() < began + long_turns / 3:
            function(*arguments)
        went_on.append(bool(woken))

    function = getattr(kernel(), name)
    work = work_with(kernel()._replace(**{name: watched}), name, rows)
    thread.start()
    work()
    thread.join()
    assert went_on == [True]


@pytest.fixture
def long_turns():
    """Let a thread keep the interpreter's lock for as many seconds as are returned, unless it gives it up itself."""
    before, seconds = sys.getswitchinterval(), 30
    sys.setswitchinterval(seconds)
    yield seconds
    sys.setswitchinterval(before)
