"""python -m benchmarks.watching: measure the service with page, drift and prediction log, beside itself without."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
from sklearn.datasets import load_iris

from benchmarks.server import RESULTS
from benchmarks.server.install import DidNotStart, build_generator, require_go
from benchmarks.server.machine import machine, stolen
from benchmarks.server.plan import say
from benchmarks.server.rows import N_IN_RANGE, rows_in_range
from benchmarks.watching.report import report
from benchmarks.watching.subjects import OFF, started
from benchmarks.watching.turns import Turns, asked_for
from tools.train_if_missing import train_if_missing


def main() -> None:
    """Do what the command line asks."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are ended then, too
    arguments = parse()
    require_go()
    train_if_missing()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        try:
            text = report(measured(Path(folder), arguments))
        except DidNotStart as error:
            raise SystemExit(f"{error}") from None
    if arguments.results:
        (arguments.results / "watching.md").write_text(text)
    print(text)


def measured(work: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return all that was measured."""
    before, facts, generator = psutil.cpu_times(), machine(), build_generator(work)
    say("starting the servers")
    with started(work) as servers:
        requests = asked_for(work, servers[OFF], rows_in_range(load_iris().data, N_IN_RANGE))
        found = Turns(generator, servers, requests, arguments.seconds).measure(arguments.rounds, say)
    facts["stolen by other machines meanwhile"] = stolen(before)
    return {"machine": facts, "rounds": arguments.rounds, "seconds": arguments.seconds, "measured": found}


def parse() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watching", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="turns of each (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of each load (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="one round of a second, and no file is written")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the table")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds, arguments.results = 1, 1.0, None
    return arguments


if __name__ == "__main__":
    main()
