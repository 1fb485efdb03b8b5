"""What is to be reached: ratios within one round, whose median counts."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from benchmarks.features.cases import KEYS
from benchmarks.features.subjects import BY_ROW, EMBEDDED, FEAST, PLAIN, REDIS

Round = Mapping[Any, Any]
TOLERANCE = 0.1  # of the ratio of two tails


class Goal(NamedTuple):
    """One ratio.

    Attributes:
        name: what it says.
        least: what it must be at least.
        ours: from a round to the figure above the line.
        other: from a round to the one below.
    """

    name: str
    least: float
    ours: Callable[[Round], float]
    other: Callable[[Round], float]


def requests_of(name: str, size: int, connections: int) -> Callable[[Round], float]:
    """Return what finds a case's requests per second in a round."""
    return lambda found: float(found[name, size, connections].rps)


def ids_of(name: str, size: int, connections: int) -> Callable[[Round], float]:
    """Return what finds a case's ids per second in a round."""
    return lambda found: float(found[name, size, connections].rps * size)


def keys_of(found: Round) -> float:
    """Return the keys per second of redis-benchmark in a round."""
    return float(found[KEYS])


GOALS = (
    Goal("embedded beside by row, c=1, one id: req/s", 0.6, requests_of(EMBEDDED, 1, 1), requests_of(BY_ROW, 1, 1)),
    Goal("embedded beside by row, c=32, one id: req/s", 0.6, requests_of(EMBEDDED, 1, 32), requests_of(BY_ROW, 1, 32)),
    Goal(
        "Redis beside FastAPI and redis-py, c=32, one id: req/s",
        3,
        requests_of(REDIS, 1, 32),
        requests_of(PLAIN, 1, 32),
    ),
    Goal("Redis, c=32, 100 ids, beside redis-benchmark: ids/s to keys/s", 0.5, ids_of(REDIS, 100, 32), keys_of),
    Goal("Redis beside Feast's server, c=32, one id: req/s", 50, requests_of(REDIS, 1, 32), requests_of(FEAST, 1, 32)),
    Goal("Redis beside Feast's server, c=32, 100 ids: ids/s", 50, ids_of(REDIS, 100, 32), ids_of(FEAST, 100, 32)),
)


def reached(rounds: Sequence[Round], hanging: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return each goal, what is wanted, what was found, and whether that is enough."""
    lines = []
    for goal in GOALS:
        try:
            found = median(goal.ours(each) / goal.other(each) for each in rounds)
        except (KeyError, ZeroDivisionError):
            lines.append((goal.name, f"≥ {goal.least:g}", "–", "not measured"))
            continue
        lines.append((goal.name, f"≥ {goal.least:g}", f"{found:.2f}", "yes" if found >= goal.least else "no"))
    return [*lines, _tails(hanging)]


def _tails(hanging: Mapping[str, Any]) -> tuple[str, str, str, str]:
    name, wanted = "by row, p99 while ids wait for a store that hangs, beside alone", f"1 ± {TOLERANCE:g}"
    if "ratio" not in hanging:
        return name, wanted, "–", f"not measured: {hanging.get('error', '')}"
    return name, wanted, f"{hanging['ratio']:.2f}", "yes" if abs(hanging["ratio"] - 1) <= TOLERANCE else "no"
