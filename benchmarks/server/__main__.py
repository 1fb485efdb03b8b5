"""python -m benchmarks.server: measure the peers, and write benchmarks/results."""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from sklearn.datasets import load_iris

from benchmarks.server import RESULTS
from benchmarks.server.breakdown import breakdown
from benchmarks.server.forest import train
from benchmarks.server.growth import growth
from benchmarks.server.install import build_generator, require_go
from benchmarks.server.machine import machine, stolen
from benchmarks.server.peers import ORDER, read_peers
from benchmarks.server.plan import STARTED, Plan, attempt, say
from benchmarks.server.report import write
from benchmarks.server.rounds import measure_all
from benchmarks.server.rows import N_IN_RANGE, rows_at_splits, rows_in_range


def main() -> None:
    """Do what the command line asks."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are ended then, too
    arguments = parse()
    peers = read_peers(arguments.peers)
    require_go()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        plan = prepare(Path(folder), arguments)
        before = psutil.cpu_times()
        results: dict[str, Any] = {"machine": machine(), "rounds": plan.rounds, "seconds": plan.seconds, "growth": {}}
        results["peers"] = measure_all(plan, peers, say)
        results["breakdown"] = attempt(lambda: breakdown(plan, results["peers"], say))
        measured = [name for name, peer in results["peers"].items() if "figures" in peer]
        for table in growth(plan, measured, say) if arguments.growth else ({},):
            results["growth"] |= table
            results["machine"]["stolen by other virtual machines"] = stolen(before)
            results["minutes"] = round((time.monotonic() - STARTED) / 60, 1)
            report = write(results, arguments.results)  # each time, so that a run that is ended leaves what it has
    print(report)


def parse() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=__doc__)
    parser.add_argument("--peers", nargs="*", default=ORDER, metavar="PEER", help=f"which of: {' '.join(ORDER)}")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each peer (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of each load (default: %(default)s)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the table, the figures and the chart")
    parser.add_argument("--environments", default=".venv-bench", help="prefix of the peers' environments")
    parser.add_argument("--no-growth", dest="growth", action="store_false", help="leave out the closer looks")
    return parser.parse_args()


def prepare(work: Path, arguments: argparse.Namespace) -> Plan:
    """Train the forest, and choose what to ask."""
    say("training the forest that every peer serves")
    trained = train(work)
    in_range = rows_in_range(load_iris().data, N_IN_RANGE)
    return Plan(
        arguments.environments,
        work,
        build_generator(work),
        trained,
        in_range,
        rows_at_splits(trained),
        arguments.rounds,
        arguments.seconds,
    )


if __name__ == "__main__":
    main()
