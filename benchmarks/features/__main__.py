"""python -m benchmarks.features: measure rows by id beside rows in the request, and beside others' ways."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from sklearn.datasets import load_iris

from benchmarks.features.cases import measure
from benchmarks.features.hanging import hanging
from benchmarks.features.report import report
from benchmarks.features.stores import N_IDS
from benchmarks.features.subjects import started
from benchmarks.server import RESULTS
from benchmarks.server.forest import train
from benchmarks.server.install import build_generator, require_go
from benchmarks.server.machine import machine
from benchmarks.server.plan import Plan, attempt, say
from benchmarks.server.rows import rows_in_range


def main() -> None:
    """Do what the command line asks."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are ended then, too
    arguments = parse()
    require_go()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        results = measured(Path(folder), arguments)
    text = report(results)
    if arguments.results:
        (arguments.results / "features.md").write_text(text)
    print(text)


def measured(work: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return all that was measured."""
    say("training the forest that every peer serves")
    forest = train(work)
    plan = Plan(
        arguments.environments, work, build_generator(work), forest, [], [], arguments.rounds, arguments.seconds
    )
    rows = {f"f{number}": row for number, row in enumerate(rows_in_range(load_iris().data, N_IDS))}
    results: dict[str, Any] = {"machine": machine(), "rounds": plan.rounds, "seconds": plan.seconds}
    with started(plan, rows, say) as found:
        results |= {"measured": measure(plan, found, rows, say), "missing": found.missing}
    say("rows while ids wait")
    results["hanging"] = attempt(lambda: hanging(plan, rows))
    return results


def parse() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.features", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="turns of each (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of each load (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="one round of a second, and no file is written")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the table")
    parser.add_argument("--environments", default=".venv-bench", help="prefix of the peers' environments")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds, arguments.results = 1, 1.0, None
    return arguments


if __name__ == "__main__":
    main()
