"""make bench-explain: contributions beside shap's TreeExplainer, in one run, both built beforehand.

Of the large forest shap explains as many of the rows as it can in SHAP_S; its time is linear in rows, as it takes one
after the other. What both have explained is compared.

python -m benchmarks.explaining                            every model
python -m benchmarks.explaining --models large --rows 10000  a few minutes
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
LINE = "{:26}{:>8}{:>12}{:>14}{:>14}{:>10}{:>13}{:>12}{:>12}"
HEADER = (
    "model",
    "rows",
    "shap's rows",
    "shap, us/row",
    "ours, us/row",
    "x shap",
    "differ by",
    "sum, shap",
    "sum, ours",
)
Clock = Callable[[], float]
CLOCKS: dict[bool, Clock] = {False: time.perf_counter, True: time.process_time}
ROUNDS, LONG_S = 7, 2.0  # what takes longer than that is timed once
SHAP_S = 60.0


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
    parser.add_argument("--rows", type=int, default=10_000, help="how many rows at once (default: %(default)s)")
    parser.add_argument("--shap-s", type=float, default=SHAP_S, help="how long shap may take (default: %(default)g s)")
    parser.add_argument("--cpu", action="store_true", help="count processor time, for a machine that is busy")
    asked = parser.parse_args()
    print(f"{processor()}, {system()}; {', '.join(f'{p} {version(p)}' for p in ('shap', 'scikit-learn', 'numpy'))}")
    print(f"One thread; medians of {ROUNDS} rounds, {'processor time' if asked.cpu else 'time'}; each row another one.")
    print(LINE.format(*HEADER))
    with threadpool_limits(1):
        for name in asked.models:
            explained = explained_of(MODELS[name]())
            for n in (1, asked.rows):
                print(LINE.format(*line_of(explained, n, asked.shap_s, CLOCKS[asked.cpu])), flush=True)


def explained_of(model: Model) -> Explained:
    """Return a model with what explains it: explanations as they are saved and read again."""
    inputs = inputs_of(model.fitted, model.X)
    engine = compile_model(inputs, model.engine).engine
    saved = unpack(explanation_of(inputs, engine), engine)
    ours = Contributions(saved.forest, saved.cover, engine)
    return Explained(model, engine, ours, TreeExplainer(model.fitted), raw_rows(model.fitted, inputs, model.X))


def line_of(explained: Explained, n: int, shap_s: float, clock: Clock) -> tuple[str, ...]:
    """Return what is printed of n rows at once, of which shap explains as many as it can in so many seconds."""
    rows = np.resize(explained.rows, (max(n, 200), explained.rows.shape[1]))
    n_shap = shaps_rows(explained, rows[:n], shap_s, clock)
    theirs = seconds(lambda i: explained.theirs.shap_values(turn(rows, n_shap, i)), clock) / n_shap
    ours = seconds(ours_of(explained, rows, n), clock) / n
    compared = rows[:n_shap]
    contributions = found(explained, compared)
    expected = np.reshape(explained.theirs.shap_values(compared, check_additivity=False), contributions.shape)
    sums = [
        unexplained(explained, compared, base, each)
        for base, each in (
            (np.ravel(explained.theirs.expected_value), expected),
            (explained.ours.base, contributions),
        )
    ]
    differ = np.abs(contributions - expected).max()
    figures = (f"{1e6 * each:,.2f}" for each in (theirs, ours))
    worst = (f"{each:.1e}" for each in (differ, *sums))
    return explained.model.title, f"{n:,}", f"{n_shap:,}", *figures, f"{theirs / ours:,.1f}", *worst


def shaps_rows(explained: Explained, rows: Floats, shap_s: float, clock: Clock) -> int:
    """Return how many of these rows shap can explain in so many seconds, one at least."""
    start = clock()
    explained.theirs.shap_values(rows[:1])
    return int(np.clip(shap_s / max(clock() - start, 1e-6), 1, len(rows)))


def ours_of(explained: Explained, rows: Floats, n: int) -> Callable[[int], Any]:
    """Return what explains n of the rows, in each turn others."""
    if n > 1:
        return lambda i: found(explained, turn(rows, n, i))
    one = [row.tolist() for row in rows]
    return lambda i: explained.ours.find_one(one[i % len(one)])


def turn(rows: Floats, n: int, i: int) -> Floats:
    """Return the n rows of a turn; behind the last ones the first come again."""
    start = i % (len(rows) // n) * n
    return rows[start : start + n]


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


def seconds(call: Callable[[int], Any], clock: Clock) -> float:
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
