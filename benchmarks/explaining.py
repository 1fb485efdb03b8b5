"""make bench-explain: contributions beside shap's TreeExplainer, in one run, both built beforehand.

Both are timed from rows to contributions: shap_values of an array; here what a request calls, of an array, or of the
list that one row of JSON is. "in all" is what explaining costs a request until it is written, counterfactuals included.

Of the large forest shap explains as many of the rows as it can in SHAP_S; its time is linear in rows, as it takes one
after the other. What both have explained is compared.

python -m benchmarks.explaining                            every model
python -m benchmarks.explaining --models large --rows 10000  a few minutes
"""

import argparse
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
from shap import TreeExplainer
from threadpoolctl import threadpool_limits

from benchmarks.compiling import inputs_of, raw_rows
from benchmarks.engines.models import MODELS, Model
from benchmarks.server.machine import processor, system
from forest_serving.card import Card, Category
from forest_serving.engines.compile import compile_model
from forest_serving.engines.engine import Engine, Floats
from forest_serving.engines.fold import Inputs
from forest_serving.explain.archive import unpack
from forest_serving.explain.contributions import Contributions
from forest_serving.explain.explainer import Explainer
from forest_serving.explain.saving import explanation_of
from forest_serving.turns import at_once

CHOICES = ("iris-table", "iris", "wine", "cancer", "boosted", "large")
LINE = "{:20}{:>8}{:>12}{:>14}{:>14}{:>10}{:>13}{:>12}{:>12}{:>16}"
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
    "in all, us/row",
)
Clock = Callable[[], float]
CLOCKS: dict[bool, Clock] = {False: time.perf_counter, True: time.process_time}
ROUNDS, ROUND_S, LONG_S = 100, 0.002, 0.5  # short ones, which other work seldom falls into; what is long is timed once
SHAP_S = 60.0


class Explained(NamedTuple):
    """A model, what explains it here and there, and rows to ask about."""

    model: Model
    engine: Engine
    ours: Contributions
    explainer: Explainer
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
    print(f"One thread; best of {ROUNDS} rounds by turns; {'processor time' if asked.cpu else 'time'}.")
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
    file = explanation_of(inputs, engine)
    saved = unpack(file, engine)
    ours = Contributions(saved.forest, saved.cover, engine)
    explainer = Explainer(card_of(model, inputs, engine), engine, lambda: file)
    explainer.load()
    rows = raw_rows(model.fitted, inputs, model.X)
    return Explained(model, engine, ours, explainer, TreeExplainer(model.fitted), rows)


def card_of(model: Model, inputs: Inputs, engine: Engine) -> Card:
    """Return as much of a card as explanations need."""
    classes = tuple(Category(label=label, name=str(label)) for label in engine.classes.tolist())
    example = tuple(feature.deciles[0] for feature in inputs.features)
    return Card(
        name=model.title,
        features=inputs.features,
        classes=classes,
        example=example,
        engine=engine.kind,
        engine_sha256="",
        forest="",
        proof="",
    )


def line_of(explained: Explained, n: int, shap_s: float, clock: Clock) -> tuple[str, ...]:
    """Return what is printed of n rows at once, of which shap explains as many as it can in so many seconds."""
    rows = np.resize(explained.rows, (max(n, 200), explained.rows.shape[1]))
    n_shap = shaps_rows(explained, rows[:n], shap_s, clock)
    calls = (
        lambda i: explained.theirs.shap_values(turn(rows, n_shap, i)),
        ours_of(explained.ours, rows, n),
        all_of(explained.explainer, rows, n_shap),
    )
    theirs, ours, in_all = (each / k for each, k in zip(seconds(calls, clock), (n_shap, n, n_shap), strict=True))
    compared = rows[:n_shap]
    contributions = at_once(explained.ours.find_in_turns(compared))
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
    ratio, told = f"{theirs / ours:,.1f}", f"{1e6 * in_all:,.2f}"
    return explained.model.title, f"{n:,}", f"{n_shap:,}", *figures, ratio, *worst, told


def shaps_rows(explained: Explained, rows: Floats, shap_s: float, clock: Clock) -> int:
    """Return how many of these rows shap can explain in so many seconds, one at least."""
    start = clock()
    explained.theirs.shap_values(rows[:1])
    return int(np.clip(shap_s / max(clock() - start, 1e-6), 1, len(rows)))


def ours_of(ours: Contributions, rows: Floats, n: int) -> Callable[[int], Any]:
    """Return what finds contributions to n of the rows, in each turn to others."""
    one = rows.tolist()
    if n > 1 or ours.find_one(one[0]) is None:
        return lambda i: at_once(ours.find_in_turns(turn(rows, n, i)))
    return lambda i: ours.find_one(one[i % len(one)])


def all_of(explainer: Explainer, rows: Floats, n: int) -> Callable[[int], Any]:
    """Return what explains n of the rows, in each turn others."""
    asked: Any = [[row] for row in rows.tolist()] if n == 1 else [turn(rows, n, i) for i in range(len(rows) // n)]
    return lambda i: at_once(explainer.explain_in_turns(asked[i % len(asked)]))


def turn(rows: Floats, n: int, i: int) -> Floats:
    """Return the n rows of a turn; behind the last ones the first come again."""
    start = i % (len(rows) // n) * n
    return rows[start : start + n]


def unexplained(explained: Explained, rows: Floats, base: Floats, contributions: Floats) -> float:
    """Return by how much the sum differs at most from the probabilities; of a raw score it is not known here."""
    if explained.ours.explains == "raw_score":
        return float("nan")
    answers = explained.engine.predict_proba(rows).reshape(len(rows), -1)
    return float(np.abs(base + contributions.sum(axis=1) - answers).max())


def seconds(calls: Sequence[Callable[[int], Any]], clock: Clock) -> list[float]:
    """Return how long each call takes: the best of rounds, all in each round; of a long one the first time."""
    firsts = [clocked(call, 1, clock) for call in calls]
    repeats = [max(1, int(ROUND_S / max(first, 1e-6))) for first in firsts]
    found = [[first] for first in firsts]
    for _ in range(ROUNDS):
        for call, first, n, timed in zip(calls, firsts, repeats, found, strict=True):
            if first < LONG_S:
                timed.append(clocked(call, n, clock))
    return [min(timed) for timed in found]


def clocked(call: Callable[[int], Any], n: int, clock: Clock) -> float:
    """Return how long one of n calls takes."""
    start = clock()
    for i in range(n):
        call(i)
    return (clock() - start) / n


if __name__ == "__main__":
    main()
