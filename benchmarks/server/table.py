"""Results as Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

COLUMNS = {
    "case": "what",
    "cpu_us": "CPU µs/req",
    "cpu_us_per_row": "CPU µs/row",
    "rps": "req/s",
    "rows_per_s": "rows/s",
    "beside": "beside",
    "times_cpu": "CPU, ×",
    "times_rps": "req/s, ×",
    "generator_us": "generator, µs/req",
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


def versions_list(peers: Mapping[str, Mapping[str, Any]]) -> str:
    """Return which packages each peer ran with."""
    texts = {
        peer["title"]: ", ".join(f"{package} {version}" for package, version in peer["versions"].items())
        for peer in peers.values()
        if "versions" in peer
    }
    return "\n".join(f"- {title}: {text}" for title, text in texts.items()) + "\n"


def breakdown_table(ways: Mapping[str, Any]) -> str:
    """Return the parts of a request's processor time on each way, with their shares of the whole."""
    if "error" in ways:
        return f"Not measured: {ways['error']}.\n"
    wholes = [sum(parts.values()) for parts in ways.values()]
    header = ["part", *(cell for way in ways for cell in (f"{way}, µs", "share"))]
    names = list(dict.fromkeys(name for parts in ways.values() for name in parts))
    rows = [[name, *shares([parts.get(name) for parts in ways.values()], wholes)] for name in names]
    return markdown(header, [*rows, ["all processor time", *shares(wholes, wholes)]])


def shares(parts: Sequence[float | None], wholes: Sequence[float]) -> list[str]:
    """Return two cells for each part, or dashes where it has no place."""
    pairs = zip(parts, wholes, strict=True)
    return [cell for us, whole in pairs for cell in (digits(us), "–" if us is None else f"{us / whole:.0%}")]


def growth_tables(growth: Mapping[str, Any]) -> dict[str, str]:
    """Return a table for each closer look that was taken, by its heading."""
    measured = {name: result for name, result in growth.items() if result.get("lines") or "error" in result}
    return {f"A closer look: {name}": growth_table(result) for name, result in measured.items()}


def growth_table(result: Mapping[str, Any]) -> str:
    """Return the lines of one kind, or why there are none."""
    if "error" in result:
        return f"Not measured: {result['error']}.\n"
    names = list(result["lines"][0])
    rows = [[each if isinstance(each, str) else digits(each) for each in line.values()] for line in result["lines"]]
    return markdown([COLUMNS.get(name, name) for name in names], rows)
