"""The clocks: rounds in which all take turns, and two threads at once."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import cycle, islice
from statistics import median
from threading import Barrier, Thread
from typing import Any, NamedTuple

from benchmarks.engines.peers import Way
from forest_serving.engines.engine import Floats

DISTINCT = 1_000  # inputs that are asked in turn, if there are so many


class Pace(NamedTuple):
    """How long to measure.

    Attributes:
        rounds: how many there are.
        seconds: about how long each peer has in one.
        near: rows at the splits whose answers are compared.
        clock: of this process's time or of its processor time.
    """

    rounds: int = 21
    seconds: float = 0.07
    near: int = 100_000
    clock: Callable[[], float] = time.perf_counter


def seconds(ways: Mapping[str, Way], rows: Floats, n: int, pace: Pace, same: bool = False) -> dict[str, float]:
    """Return each way's median seconds for n rows, which are others each time unless they are to be the same."""
    starts = [0] if same else range(0, len(rows) - n + 1, n)[:DISTINCT]
    jobs = {name: (way.call, cycle([way.form(rows[at : at + n]) for at in starts])) for name, way in ways.items()}
    calls = {name: max(1, round(pace.seconds / warm(pace, *job))) for name, job in jobs.items()}
    rounds = [{name: timed(pace, *job, calls[name]) for name, job in jobs.items()} for _ in range(pace.rounds)]
    return {name: median(times[name] for times in rounds) for name in ways}


def warm(pace: Pace, call: Callable[[Any], Any], inputs: Iterable[Any]) -> float:
    """Return the seconds per call, once the caches are warm."""
    return max(1e-9, min(timed(pace, call, iter(inputs), 3) for _ in range(3)))


def timed(pace: Pace, call: Callable[[Any], Any], inputs: Iterator[Any], calls: int) -> float:
    """Return the seconds per call; the loop's few hundredths of a microsecond are not taken off."""
    start = pace.clock()
    for each in islice(inputs, calls):
        call(each)
    return (pace.clock() - start) / calls


def of_two_threads(ways: Mapping[str, Way], rows: Floats, n: int, pace: Pace) -> dict[str, float]:
    """Return how many times the work of one thread two threads do at once: 2 at best, in real time always."""
    jobs = {name: (way.call, way.form(rows[:n])) for name, way in ways.items()}
    clock = pace._replace(clock=time.perf_counter)
    calls = {name: max(1, round(pace.seconds / warm(clock, call, [given] * 9))) for name, (call, given) in jobs.items()}
    gains: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(pace.rounds):
        for name, job in jobs.items():
            gains[name].append(2 * at_once(1, *job, calls[name]) / at_once(2, *job, calls[name]))
    return {name: median(each) for name, each in gains.items()}


def at_once(n_threads: int, call: Callable[[Any], Any], given: Any, calls: int) -> float:
    """Return how many seconds threads take in which each makes so many calls."""
    ready = Barrier(n_threads + 1)

    def work() -> None:
        ready.wait()
        for _ in range(calls):
            call(given)

    threads = [Thread(target=work) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    ready.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start
