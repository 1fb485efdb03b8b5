"""The command; see the package's docstring."""

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from threadpoolctl import threadpool_limits

from benchmarks.engines.differences import Differences, differences
from benchmarks.engines.models import MODELS
from benchmarks.engines.onnx_runtime import onnx_runtime
from benchmarks.engines.peers import OURS, SKLEARN, Peer, engines, expected, scikit_learn
from benchmarks.engines.reach import Figures, lines
from benchmarks.engines.rounds import Pace, of_two_threads, seconds
from benchmarks.engines.subject import Subject, rows_at_splits, subject_of
from benchmarks.engines.treelites import left_out, treelite_peers
from benchmarks.server.machine import processor, system
from benchmarks.server.table import digits

MANY, ONE_BY_ONE = 10_000, 20_000  # rows at once; the most rows that are compared one by one
PACKAGES = ("scikit-learn", "numpy", "onnxruntime", "skl2onnx", "treelite", "tl2cgen")
LINE = "{:32}{:>13}{:>11}{:>11}{:>15}{:>13}{:>10}{:>10}"
HEADER = ("", "one row, µs", "same row", "× sklearn", f"{MANY:,}: µs/row", "two threads", "bits", "labels")


def main() -> None:
    """Print a table for each model, and what must be reached."""
    arguments = parser().parse_args()
    clock = time.process_time if arguments.cpu else time.perf_counter
    pace = Pace(5, 0.02, 5_000, clock) if arguments.quick else Pace(clock=clock)
    print(
        f"{processor()}, {system()}; load {os.getloadavg()[0]:.1f}; {', '.join(f'{p} {version(p)}' for p in PACKAGES)}"
    )
    print(f"One thread; medians of {pace.rounds} rounds, {'processor time' if arguments.cpu else 'time'}.")
    with threadpool_limits(1):
        measured = {name: compare(subject_of(MODELS[name]()), pace) for name in arguments.models}
    print("\n" + "\n".join(lines(measured)))


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description="Time the engines.")
    parser.add_argument(
        "--models", nargs="+", choices=MODELS, default=list(MODELS), metavar="MODEL", help=", ".join(MODELS)
    )
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--cpu", action="store_true", help="count processor time, for a machine that is busy")
    return parser


def compare(subject: Subject, pace: Pace) -> Figures:
    """Print one model's table, and return its figures: µs by peer, and what building the engine took."""
    peers = [scikit_learn(subject), onnx_runtime(subject), *treelite_peers(subject), *engines(subject)]
    one, many = ({p.name: way for p in peers if (way := getattr(p, each))} for each in ("one", "many"))
    figures: dict[str, Any] = {
        "one": in_us(seconds(one, subject.rows, 1, pace)),
        "same": in_us(seconds(one, subject.rows, 1, pace, same=True)),
        "many": in_us(seconds(many, subject.rows, MANY, pace), MANY),
        "threads": of_two_threads({n: many[n] for n in (SKLEARN, OURS)}, subject.rows, MANY, pace),
        "differ": differing(subject, peers, pace),
        "bytes": subject.n_bytes,
        "nodes": subject.n_nodes,
        **subject.took,
    }
    print_table(subject, peers, figures)
    return figures


def in_us(times: Mapping[str, float], n: int = 1) -> dict[str, float]:
    """Return µs for one of n rows."""
    return {name: 1e6 * each / n for name, each in times.items()}


def differing(subject: Subject, peers: Sequence[Peer], pace: Pace) -> dict[str, Differences]:
    """Return what differs on rows at the splits; of a large forest, on a tenth of them."""
    rows = rows_at_splits(subject, pace.near if subject.n_nodes < 100_000 else pace.near // 10)
    return differences(peers, rows, expected(subject, rows))


def print_table(subject: Subject, peers: Sequence[Peer], figures: Figures) -> None:
    """Print a line for each peer, and what the engine took."""
    engine, took = subject.engine, subject.took
    print(
        f"\n{subject.model.title}: {subject.n_nodes:,} nodes, {engine.n_features} columns; {engine.kind}, {engine.walk}"
    )
    print(LINE.format(*HEADER))
    for peer in peers:
        one, same, many, gain = (figures[each].get(peer.name) for each in ("one", "same", "many", "threads"))
        times = figures["one"][SKLEARN] / one if one else None
        differ = [f"{count:,}" for count in figures["differ"].get(peer.name, ())] or ["–", "–"]
        print(LINE.format(peer.name, *map(digits, (one, same, times, many, gain)), *differ))
    if reason := left_out(subject):
        print(reason)
    print(
        f"compiled in {took['compile']:.2f} s, proved in {took['prove']:.2f} s, loaded in {took['load']:.3f} s;"
        f" the file takes {subject.n_bytes / 1e6:.1f} MB, {subject.n_bytes / subject.n_nodes:.1f} bytes a node"
    )


if __name__ == "__main__":
    main()
