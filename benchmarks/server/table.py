"""The results as Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

HEADER = (
    "server, one worker",
    "req/s, c=1",
    "req/s, c=32",
    "× bare uvicorn",
    "× this project",
    "CPU µs/req",
    "p50, c=1",
    "p99, c=32",
    "rate, req/s",
    "p50, ms",
    "p99, ms",
    "p99.9, ms",
    "memory, MB",
    "ready, s",
    "wrong labels",
)

COLUMNS = {
    "rows": "rows a body",
    "rps": "req/s",
    "rows_per_s": "rows/s",
    "cpu_us": "CPU µs/req",
    "cpu_us_per_row": "CPU µs/row",
    "p50_ms": "p50, ms",
    "p99_ms": "p99, ms",
    "cells": "cells of the table",
    "table_mb": "table, MB",
    "table_us": "table, µs for one row",
    "forest_mb": "forest, MB",
    "forest_us": "forest, µs for one row",
}


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its first column is text, the others are numbers."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def digits(number: float | None) -> str:
    """Return a number with three digits, or with all of those before the point; a dash for none."""
    if number is None:
        return "–"
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def peers_table(peers: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the main table, the fastest peer first, and below it why others have no figures."""
    measured = {name: peer for name, peer in peers.items() if "figures" in peer}
    order = sorted(measured, key=lambda name: -middle(measured[name], "rps_32"))
    rows = [peer_row(measured[name], measured) for name in order]
    failures = [f"- {peer['title']} has no figures: {peer['error']}" for peer in peers.values() if "error" in peer]
    return "\n".join([markdown(HEADER, rows), *failures]).rstrip() + "\n"


def peer_row(peer: Mapping[str, Any], peers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return one peer's cells."""
    rps = middle(peer, "rps_32")
    ratios = [rps / middle(peers[other], "rps_32") if other in peers else None for other in ("uvicorn", "iris")]
    latencies = [middle(peer, name) for name in ("p50_ms_1", "p99_ms_32", "rate", "p50_ms", "p99_ms", "p999_ms")]
    numbers = [middle(peer, "rps_1"), rps, *ratios, middle(peer, "cpu_us"), *latencies]
    numbers += [middle(peer, "resident_mb"), middle(peer, "ready_s")]
    return [peer["title"], *map(digits, numbers), wrong(peer["wrong_labels"])]


def middle(peer: Mapping[str, Any], figure: str) -> Any:
    """Return the median of a figure; None where it could not be measured."""
    return peer["figures"][figure] and peer["figures"][figure]["median"]


def wrong(counts: Mapping[str, int | None]) -> str:
    """Return how many labels were wrong over all checks, or a dash if none were checked."""
    return "–" if None in counts.values() else f"{sum(count or 0 for count in counts.values()):,}"


def versions_list(peers: Mapping[str, Mapping[str, Any]]) -> str:
    """Return which packages each peer ran with."""
    texts = {
        peer["title"]: ", ".join(f"{package} {version}" for package, version in peer["versions"].items())
        for peer in peers.values()
        if "versions" in peer
    }
    return "\n".join(f"- {title}: {text}" for title, text in texts.items()) + "\n"


def breakdown_table(parts: Mapping[str, Any]) -> str:
    """Return the parts of a request's processor time, with their shares."""
    if "error" in parts:
        return f"Not measured: {parts['error']}.\n"
    whole = sum(parts.values())
    rows = [[part, digits(us), f"{us / whole:.0%}"] for part, us in parts.items()]
    return markdown(("part", "µs", "share"), [*rows, ["all processor time", digits(whole), "100%"]])


def growth_tables(growth: Mapping[str, Any]) -> dict[str, str]:
    """Return a table for each kind of growth that was measured, by its heading."""
    measured = {name: result for name, result in growth.items() if result.get("lines") or "error" in result}
    return {f"How cost grows: {name}": growth_table(result) for name, result in measured.items()}


def growth_table(result: Mapping[str, Any]) -> str:
    """Return the lines of one kind of growth, or why there are none."""
    if "error" in result:
        return f"Not measured: {result['error']}.\n"
    names = list(result["lines"][0])
    rows = [[each if isinstance(each, str) else digits(each) for each in line.values()] for line in result["lines"]]
    return markdown([COLUMNS.get(name, name) for name in names], rows)
