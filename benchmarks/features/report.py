"""What was measured, as Markdown."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from benchmarks.features.cases import KEYS, figures
from benchmarks.features.hanging import IDS_RATE, RATE
from benchmarks.features.reach import reached
from benchmarks.features.stores import N_IDS
from benchmarks.server.table import digits, markdown

TITLE = '# Rows by id\n\nWritten by "make bench-features"; do not edit. What the words mean: ../README.md.\n'
METHOD = """\
One worker each, side by side, asked in turns; {n_ids:,} rows in each store; server, store and generator share one
machine. Medians of {rounds} rounds of {seconds:g} s; ratios are medians of each round's ratio. CPU: all processes of a
server, those of the services behind it too, but not Redis and PostgreSQL. By row: the same rows in the request. For the
last line, {rate:,} rows a second are sent, and {ids_rate:,} ids, none of which is answered before the load ends.
"""


def report(results: Mapping[str, Any]) -> str:
    """Return the whole report."""
    measured, hanging = results["measured"], results["hanging"]
    missing = [f"- {name}: {reason}" for name, reason in results["missing"].items()]
    method = METHOD.format(
        n_ids=N_IDS, rounds=results["rounds"], seconds=results["seconds"], rate=RATE, ids_rate=IDS_RATE
    )
    parts = {
        "Reached": goals(measured["rounds"], hanging),
        "Figures": table(measured),
        "Rows while ids wait": tails(hanging),
        "Not measured": "\n".join(missing or ["Nothing is missing."]) + "\n",
        "Method": method,
        "Machine": "\n".join(f"- {name}: {value}" for name, value in results["machine"].items()) + "\n",
    }
    return "\n".join([TITLE, *(f"## {heading}\n\n{part}" for heading, part in parts.items())])


def goals(rounds: Any, hanging: Mapping[str, Any]) -> str:
    """Return the table of what is to be reached."""
    return markdown(["ratio", "wanted", "found", "reached"], reached(rounds, hanging))


def table(measured: Mapping[str, Any]) -> str:
    """Return a line for each case, and for redis-benchmark."""
    header = ["rows from", "ids", "c", "req/s", "ids/s", "p50, ms", "p99, ms", "CPU µs/req", "failed"]
    names = ("rps", "ids_per_s", "p50_ms", "p99_ms", "cpu_us", "failed")
    lines = []
    for case in measured["cases"]:
        found = figures(case, measured["rounds"])
        lines.append(
            [case.subject.name, str(case.size), str(case.connections), *(digits(found[name]) for name in names)]
        )
    keys = [each[KEYS] for each in measured["rounds"] if KEYS in each]
    if keys:
        lines.append([KEYS, "100", "32", digits(median(keys) / 100), digits(median(keys)), *["–"] * 4])
    return markdown(header, lines)


def tails(hanging: Mapping[str, Any]) -> str:
    """Return the two tails."""
    if "error" in hanging:
        return f"Not measured: {hanging['error']}.\n"
    return f"p99 alone {digits(hanging['alone_ms'])} ms, beside ids that wait {digits(hanging['beside_ms'])} ms.\n"
