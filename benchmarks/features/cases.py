"""Each subject with one id and a hundred, over one connection and 32; all take turns, redis-benchmark too."""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.features.redis_benchmark import keys_per_second
from benchmarks.features.stores import Rows
from benchmarks.features.subjects import Started, Subject
from benchmarks.server.load import Load, load
from benchmarks.server.plan import Plan, Say
from benchmarks.server.rows import write_requests
from benchmarks.server.usage import usage

SIZES, CONNECTIONS = (1, 100), (1, 32)
N_BODIES, WARM_UP_S = {1: 1_000, 100: 200}, 0.5
KEYS = "redis-benchmark, MGET of 100 keys"


@dataclass(frozen=True)
class Case:
    """One line of the table.

    Attributes:
        subject: who is asked.
        size: how many ids, or rows, each request has.
        connections: how many are open.
    """

    subject: Subject
    size: int
    connections: int

    @property
    def key(self) -> tuple[str, int, int]:
        """What tells it from others."""
        return self.subject.name, self.size, self.connections


def measure(plan: Plan, started: Started, rows: Rows, say: Say) -> dict[str, Any]:
    """Return the loads of all cases, and the keys/s of redis-benchmark, of each round.

    The rounds go forth and back in turns, so that nobody is always asked behind the same other one.
    """
    cases = [Case(each, size, n) for each in started.subjects.values() for size in SIZES for n in CONNECTIONS]
    rounds: list[dict[Any, Any]] = []
    for case in cases:
        turn(plan, case, rows, WARM_UP_S)
    for number in range(plan.rounds):
        say(f"round {number + 1} of {plan.rounds}")
        found: dict[Any, Any] = {
            case.key: turn(plan, case, rows, plan.seconds) for case in (cases if number % 2 == 0 else cases[::-1])
        }
        if started.redis_url:
            found[KEYS] = keys_per_second(started.redis_url, list(rows), plan.seconds)
        rounds.append(found)
    return {"cases": cases, "rounds": rounds}


def turn(plan: Plan, case: Case, rows: Rows, seconds: float) -> Load:
    """Load a case's server; what stands behind it counts in the processor time."""
    subject = case.subject
    file = requests_of(plan.work, subject, case.size, rows)
    before = behind(subject)
    found = load(plan.generator, subject.server, file, case.connections, seconds)
    n = max(1.0, found.rps * seconds)
    user_s, system_s = (after - earlier for after, earlier in zip(behind(subject), before, strict=True))
    return found._replace(user_us=found.user_us + user_s / n * 1e6, system_us=found.system_us + system_s / n * 1e6)


def behind(subject: Subject) -> tuple[float, float]:
    """Return the processor seconds of what stands behind a subject, outside the kernel and in it."""
    used = [usage(server.pid) for server in subject.behind]
    return sum(each.user_s for each in used), sum(each.system_s for each in used)


def requests_of(work: Path, subject: Subject, size: int, rows: Rows) -> Path:
    """Write a subject's requests, unless they are there."""
    file = work / f"{'rows' if subject.by_row else 'ids'}-{size}.requests"
    if not file.exists():
        write_requests(file, subject.server.peer.path, bodies(rows, size, subject.by_row))
    return file


def bodies(rows: Rows, size: int, by_row: bool) -> list[bytes]:
    """Return what asks for some ids each, or for the rows that are stored under them."""
    random, ids = np.random.default_rng(0), list(rows)
    chosen = [random.choice(ids, size, replace=False).tolist() for _ in range(N_BODIES[size])]
    made = [{"instances": [rows[id] for id in each]} if by_row else {"ids": each} for each in chosen]
    return [json.dumps(each, separators=(",", ":")).encode() for each in made]


def figures(case: Case, rounds: list[dict[Any, Any]]) -> dict[str, Any]:
    """Return a case's medians."""
    loads = [each[case.key] for each in rounds]
    found = {name: median(getattr(each, name) for each in loads) for name in ("rps", "p50_ms", "p99_ms", "cpu_us")}
    return found | {"ids_per_s": found["rps"] * case.size, "failed": sum(each.failed for each in loads)}
