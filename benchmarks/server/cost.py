"""The peers beside one another as Markdown: what a request costs them, and how long it takes."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from benchmarks.server.table import digits, markdown

COST = (
    "server, one worker",
    "CPU µs/req",
    "× bare uvicorn",
    "× Go",
    "req/s, c=32",
    "× bare uvicorn",
    "× Go",
    "p50, c=1",
    "p99, c=32",
    "p99, c=256",
    "generator, µs/req",
    "wrong labels",
)
AT_REST = ("server, one worker", "rate, req/s", "p50, ms", "p99, ms", "p99.9, ms", "late, ms", "memory, MB", "ready, s")
BESIDE = ("uvicorn", "go")

Peers = Mapping[str, Mapping[str, Any]]


def peers_table(peers: Peers) -> str:
    """Return what a request costs, the cheapest peer first, and below it why others have no figures."""
    rows = [cost_row(peer, peers) for peer in by_cost(peers)]
    failures = [f"- {peer['title']} has no figures: {peer['error']}" for peer in peers.values() if "error" in peer]
    return "\n".join([markdown(COST, rows), *failures]).rstrip() + "\n"


def at_rest_table(peers: Peers) -> str:
    """Return the latencies at a fixed rate, and memory and start."""
    names = ("rate", "p50_ms", "p99_ms", "p999_ms", "late_ms", "resident_mb", "ready_s")
    return markdown(
        AT_REST, [[peer["title"], *(digits(middle(peer, name)) for name in names)] for peer in by_cost(peers)]
    )


def by_cost(peers: Peers) -> list[Mapping[str, Any]]:
    """Return the peers that were measured, the cheapest first."""
    return sorted((peer for peer in peers.values() if "figures" in peer), key=lambda peer: middle(peer, "cpu_us"))


def cost_row(peer: Mapping[str, Any], peers: Peers) -> list[str]:
    """Return one peer's cells."""
    cost = [middle(peer, "cpu_us"), *(ratio("cpu_us", peer, peers.get(name)) for name in BESIDE)]
    rate = [middle(peer, "rps_32"), *(ratio("rps_32", peer, peers.get(name)) for name in BESIDE)]
    others = [middle(peer, name) for name in ("p50_ms_1", "p99_ms_32", "p99_ms_256", "generator_us")]
    return [peer["title"], *map(digits, [*cost, *rate, *others]), wrong(peer["wrong_labels"])]


def ratio(figure: str, peer: Mapping[str, Any], other: Mapping[str, Any] | None) -> float | None:
    """Return the median over the rounds of a peer's figure by another's of the same round."""
    if not other or "figures" not in other:
        return None
    pairs = zip(peer["figures"][figure]["rounds"], other["figures"][figure]["rounds"], strict=True)
    return median(a / b for a, b in pairs)


def middle(peer: Mapping[str, Any], figure: str) -> Any:
    """Return the median of a figure; None where it could not be measured."""
    return peer["figures"][figure] and peer["figures"][figure]["median"]


def wrong(counts: Mapping[str, int | None]) -> str:
    """Return how many labels were wrong over all checks, or a dash if none were checked."""
    return "–" if None in counts.values() else f"{sum(count or 0 for count in counts.values()):,}"
