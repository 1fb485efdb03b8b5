"""Time the engines against scikit-learn and ONNX Runtime, on Iris (a decision table) and wine (a flat forest).

    make bench-engines

One thread, about a minute. Rows are ready in each peer's own form: float64 arrays, float32 for ONNX Runtime, which is
asked for labels only, lists for what takes one row; 1,000 in turn, of which the slow forest reaches a few hundred.
classify_one is what the server asks: it gives a class's position, where predict_one gives its label.
"""

import platform
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from sklearn.datasets import load_iris, load_wine
from sklearn.ensemble import RandomForestClassifier

from forest_serving.engines.boundaries import boundaries_of
from forest_serving.engines.compile import compile_forest
from forest_serving.engines.engine import Floats
from forest_serving.engines.oracle import trees_of

ROUNDS, SECONDS = 21, 0.07  # each round runs every peer for about so long, in turn
DISTINCT, NEAR = 1_000, 200_000  # batches that are cycled, if there are so many; rows whose labels are compared
LINE = "{:24}{:>11}{:>13}{:>9}{:>8}{:>11}{:>11}{:>13}"
Peers = dict[str, tuple[Callable[[Any], Any], Callable[[Floats], Any]]]  # the call, and what makes its input of rows


def main() -> None:
    """Print one table for each dataset."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.partition(": ")[2] for line in info.splitlines() if line.startswith("model name")]
    print(f"{models[0] if models else platform.processor()}, {platform.system()}, Python {platform.python_version()}")
    print(", ".join(f"{name} {version(name)}" for name in ("numpy", "scikit-learn", "onnxruntime", "skl2onnx")))
    print(f"100 trees, one thread; medians of {ROUNDS} rounds in which the peers take turns; × is times as fast")
    compare("Iris", *load_iris(return_X_y=True))
    compare("wine", *load_wine(return_X_y=True))


def compare(name: str, data: Floats, labels: Any) -> None:
    """Print one dataset's table, and how many labels are not the forest's."""
    forest = RandomForestClassifier(100, random_state=0, n_jobs=1).fit(data, labels)
    (engine, reason), onnx, random = compile_forest(forest), onnx_labels(forest), np.random.default_rng(0)
    print(f"\n{name}, {engine.kind.replace('_', ' ')}: {reason}")
    peers: Peers = {"forest.predict": (forest.predict, np.asarray), "ONNX Runtime": (onnx, np.float32)}
    peers["engine.predict"] = (engine.predict, np.asarray)
    ones = (engine.classify_one, engine.predict_one, engine.predict_proba_one)
    singles: Peers = {f"engine.{one.__name__}": (one, lambda rows: rows[0].tolist()) for one in ones}
    rows = random.uniform(data.min(axis=0), data.max(axis=0), (20_000, data.shape[1]))
    print_speeds({n: seconds(peers | (singles if n == 1 else {}), rows, n) for n in (1, 100, 10_000)})
    print_differences(forest, engine, onnx, rows_near_splits(trees_of(forest), random))


def onnx_labels(forest: Any) -> Callable[[Any], Any]:
    """Return what asks ONNX Runtime for labels."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = to_onnx(forest, np.zeros((1, forest.n_features_in_), np.float32), options={"zipmap": False})
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda rows: session.run(["label"], {"X": rows})[0]


def seconds(peers: Peers, rows: Floats, n: int) -> dict[str, list[float]]:
    """Return each peer's seconds for a batch of n rows, one figure for each round, after a warm-up."""
    batches = [rows[start : start + n] for start in range(0, len(rows), n)][:DISTINCT]
    jobs = {peer: (call, cycle([form(batch) for batch in batches])) for peer, (call, form) in peers.items()}
    calls = {peer: max(1, round(SECONDS / min(timed(*job, 3) for _ in range(3)))) for peer, job in jobs.items()}
    rounds = [{peer: timed(*job, calls[peer]) for peer, job in jobs.items()} for _ in range(ROUNDS)]
    return {peer: [times[peer] for times in rounds] for peer in peers}


def timed(call: Callable[[Any], Any], inputs: Iterator[Any], calls: int) -> float:
    """Return the seconds per call; the loop's few hundredths of a microsecond are not taken off."""
    start = time.perf_counter()
    for each in islice(inputs, calls):
        call(each)
    return (time.perf_counter() - start) / calls


def print_speeds(times: dict[int, dict[str, list[float]]]) -> None:
    """Print each peer's time for one row, how many times as fast as others that is, and its rows a second."""
    print(LINE.format("", "µs, one row", "(min–max)", "× forest", "× ONNX", *(f"rows/s@{n}" for n in times)))
    one = {peer: median(rounds) for peer, rounds in times[1].items()}
    for peer, rounds in times[1].items():
        low, high = digits(1e6 * min(rounds)), digits(1e6 * max(rounds))
        ratios = (digits(one[other] / one[peer]) for other in ("forest.predict", "ONNX Runtime"))
        speeds = (digits(n / median(peers[peer])) if peer in peers else "" for n, peers in times.items())
        print(LINE.format(peer, digits(1e6 * one[peer]), f"{low}–{high}", *ratios, *speeds).rstrip())


def digits(number: float) -> str:
    """Return a number with three digits, or with all of those before the point."""
    return f"{number:,.0f}" if number >= 1000 else f"{number:.3g}"


def rows_near_splits(trees: list[Any], random: np.random.Generator) -> Floats:
    """Return rows of which every value is a split, the last double that goes left there, or the next, at random."""
    splits = [np.concatenate([t.threshold[t.feature == f] for t in trees]) for f in range(trees[0].n_features)]
    ends = [np.concatenate([at, boundaries_of(at), np.nextafter(boundaries_of(at), np.inf)]) for at in splits]
    return np.stack([random.choice(each, NEAR) for each in ends], axis=1)


def print_differences(forest: Any, engine: Any, onnx: Any, rows: Floats) -> None:
    """Print how many of each peer's labels are not the forest's; an engine must have none."""
    expected, ones = forest.predict(rows), np.array([engine.predict_one(row) for row in rows.tolist()])
    given = {"engine.predict": engine.predict(rows), "engine.predict_one": ones, "ONNX Runtime": onnx(np.float32(rows))}
    wrong = {peer: int((answers != expected).sum()) for peer, answers in given.items()}
    print(f"other labels on {NEAR:,} rows at the splits:", ", ".join(f"{peer} {n:,}" for peer, n in wrong.items()))
    assert not wrong["engine.predict"] + wrong["engine.predict_one"], "an engine differs from its forest"


if __name__ == "__main__":
    main()
