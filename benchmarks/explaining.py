"""make bench-explain: contributions beside shap's TreeExplainer, in one run, both built beforehand.

python -m benchmarks.explaining                            every model; of the large one, few rows
python -m benchmarks.explaining --models large --rows 10000  three quarters of an hour, nearly all of it shap's
"""

import argparse
import time
from collections.abc import Callable
from importlib.metadata import version
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from shap import TreeExplainer
from threadpoolctl import threadpool_limits

from benchmarks.compiling import inputs_of, raw_rows
from benchmarks.engines.models import MODELS, Model
from benchmarks.server.machine import processor, system
from forest_serving.engines.compile import compile_model
from forest_serving.engines.engine import Engine, Floats
from forest_serving.explain.archive import unpack
from forest_serving.explain.contributions import Contributions
from forest_serving.explain.saving import explanation_of

CHOICES = ("iris-table", "iris", "wine", "cancer", "boosted", "large")
LINE = "{:26}{:>8}{:>14}{:>14}{:>10}{:>13}{:>12}{:>12}"
HEADER = ("model", "rows", "shap, us/row", "ours, us/row", "x shap", "differ by", "sum, shap", "sum, ours")
CLOCKS: dict[bool, Callable[[], float]] = {False: time.perf_counter, True: time.process_time}
ROUNDS, LONG_S = 7, 2.0  # what takes longer than that is timed once


class Explained(NamedTuple):
    """A model, what explains it here and there, and rows to ask about."""

    model: Model
    engine: Engine
    ours: Contributions
    theirs: Any
    rows: Floats


def main() -> None:
    """Print a line for one row and for many of each model."""
    parser = argparse.ArgumentParser(prog="make bench-explain", description=__doc__)
    parser.add_argument("--models", nargs="+", choices=CHOICES, default=list(CHOICES))
    parser.add_argument("--rows", type=int, help="how many rows at once; by default 10,000, of the large forest 16")
    parser.add_argument("--cpu", action="store_true", help="count processor time, for a machine that is busy")
    asked = parser.parse_args()
    print(f"{processor()}, {system()}; {', '.join(f'{p} {version(p)}' for p in ('shap', 'scikit-learn', 'numpy'))}")
    print(f"One thread; medians of {ROUNDS} rounds, {'processor time' if asked.cpu else 'time'}; each row another one.")
    print(LINE.format(*HEADER))
    with threadpool_limits(1):
        for name in asked.models:
            explained = explained_of(MODELS[name]())
            for n in (1, asked.rows or (16 if name == "large" else 10_000)):
                print(LINE.format(*line_of(explained, n, CLOCKS[asked.cpu])), flush=True)


def explained_of(model: Model) -> Explained:
    """Return a model with what explains it: explanations as they are saved and read again."""
    inputs = inputs_of(model.fitted, model.X)
    engine = compile_model(inputs, model.engine).engine
    saved = unpack(explanation_of(inputs, engine), engine)
    ours = Contributions(saved.forest, saved.cover, engine)
    return Explained(model, engine, ours, TreeExplainer(model.fitted), raw_rows(model.fitted, inputs, model.X))


def line_of(explained: Explained, n: int, clock: Callable[[], float]) -> tuple[str, ...]:
    """Return what is printed of n rows at once."""
    rows = np.resize(explained.rows, (max(n, 200), explained.rows.shape[1]))
    starts = range(0, len(rows) - n + 1, n)
    given = [rows[at : at + n] for at in starts]
    one = [row.tolist() for row in rows]
    ours = (lambda i: explained.ours.find_one(one[i % len(one)])) if n == 1 else lambda i: found(explained, given[0])
    theirs = lambda i: explained.theirs.shap_values(given[i % len(given)])  # noqa: E731
    took = [seconds(way, clock) / n for way in (theirs, ours)]
    expected = np.reshape(
        explained.theirs.shap_values(given[0], check_additivity=False), found(explained, given[0]).shape
    )
    differ = np.abs(found(explained, given[0]) - expected).max()
    sums = [
        unexplained(explained, given[0], base, each)
        for base, each in (
            (np.ravel(explained.theirs.expected_value), expected),
            (explained.ours.base, found(explained, given[0])),
        )
    ]
    figures = [f"{1e6 * each:,.2f}" for each in took]
    return (
        explained.model.title,
        f"{n:,}",
        *figures,
        f"{took[0] / took[1]:,.0f}",
        *(f"{e:.1e}" for e in (differ, *sums)),
    )


def found(explained: Explained, rows: Floats) -> Floats:
    """Return our contributions."""
    finding = explained.ours.find_in_turns(np.ascontiguousarray(rows))
    while True:
        try:
            next(finding)
        except StopIteration as end:
            contributions: Floats = end.value
            return contributions


def unexplained(explained: Explained, rows: Floats, base: Floats, contributions: Floats) -> float:
    """Return by how much the sum differs at most from the probabilities; of a raw score it is not known here."""
    if explained.ours.explains == "raw_score":
        return float("nan")
    answers = explained.engine.predict_proba(rows).reshape(len(rows), -1)
    return float(np.abs(base + contributions.sum(axis=1) - answers).max())


def seconds(call: Callable[[int], Any], clock: Callable[[], float]) -> float:
    """Return how long a call takes: the median of rounds, or once if that is long."""
    start = clock()
    call(0)
    first = clock() - start
    if first > LONG_S:
        return first
    calls, rounds = max(1, int(0.05 / max(first, 1e-6))), []
    for _ in range(ROUNDS):
        start = clock()
        for i in range(calls):
            call(i)
        rounds.append((clock() - start) / calls)
    return median(rounds)


if __name__ == "__main__":
    main()
