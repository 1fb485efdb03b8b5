"""What was measured, as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from benchmarks.server.table import digits, markdown
from benchmarks.watching.subjects import OFF, SOME
from benchmarks.watching.turns import CONNECTIONS, RATE_SHARE, Measured, Turn

TITLE = '# Watching the model\n\nWritten by "make bench-watching"; do not edit. What the words mean: ../README.md.\n'
LEAST = 0.95  # of what is answered with nothing on
METHOD = """\
One worker each, side by side, asked in turns; servers, load generator and collector share one machine. Medians of
{rounds} rounds of {seconds:g} s; ratios are medians of each round's ratio to the server with nothing on. Requests of
one row of Iris. req/s and CPU µs/req: a closed loop over {connections} connections; what is written behind it counts
in the CPU, but not the collector's own. p99: at {rate:,.0f} requests a second, {share:.0%} of what the server with
nothing on answers.
"""


class Goal(NamedTuple):
    """A ratio to the server with nothing on that is to be reached: how many times as much work it does."""

    name: str
    figure: str
    is_cost: bool


GOALS = (
    Goal(f"{SOME}, beside {OFF}: req/s", "rps", False),
    Goal(f"{SOME}, beside {OFF}: requests for a second of processor time", "cpu_us", True),
)


def report(results: Mapping[str, Any]) -> str:
    """Return the whole report."""
    measured = results["measured"]
    method = METHOD.format(
        rounds=results["rounds"],
        seconds=results["seconds"],
        connections=CONNECTIONS,
        share=RATE_SHARE,
        rate=measured.rate,
    )
    parts = {
        "Reached": markdown(["ratio", "wanted", "found", "reached"], reached(measured.rounds)),
        "Figures": table(measured),
        "Method": method,
        "Machine": "\n".join(f"- {name}: {value}" for name, value in results["machine"].items()) + "\n",
    }
    return "\n".join([TITLE, *(f"## {heading}\n\n{part}" for heading, part in parts.items())])


def reached(rounds: Sequence[Mapping[str, Turn]]) -> Iterator[tuple[str, str, str, str]]:
    """Yield each goal, what is wanted, what was found, and whether that is enough."""
    for goal in GOALS:
        found = ratio(goal.figure, rounds, SOME)
        found = 1 / found if goal.is_cost else found
        yield goal.name, f"≥ {LEAST:g}", f"{found:.3f}", "yes" if found >= LEAST else "no"


def table(measured: Measured) -> str:
    """Return a line for each server."""
    header = ["on", "req/s", "×", "CPU µs/req", "×", "p99, ms", "×", "failed", "rows logged", "dropped"]
    return markdown(header, [line(name, measured) for name in measured.logged])


def line(name: str, measured: Measured) -> list[str]:
    """Return a server's cells."""
    turns, cells = [each[name] for each in measured.rounds], []
    for figure in ("rps", "cpu_us", "p99_ms"):
        cells += [digits(median(of(figure, turn) for turn in turns)), f"{ratio(figure, measured.rounds, name):.3f}"]
    failed = sum(turn.most.failed + turn.fixed.failed for turn in turns)
    return [name, *cells, *(f"{n:,.0f}" for n in (failed, *measured.logged[name].values()))]


def ratio(figure: str, rounds: Sequence[Mapping[str, Turn]], name: str) -> float:
    """Return the median over the rounds of a figure by that of the server with nothing on."""
    return median(of(figure, each[name]) / of(figure, each[OFF]) for each in rounds)


def of(figure: str, turn: Turn) -> float:
    """Return a figure of a turn; latencies are those at the fixed rate."""
    return float(getattr(turn.fixed if figure == "p99_ms" else turn.most, figure))
