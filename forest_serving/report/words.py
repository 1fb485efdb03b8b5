"""Numbers and times as the report writes them."""

from datetime import UTC, datetime


def moment(time_s: float) -> str:
    """Return a time in UTC."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%d %H:%M:%S")


def duration(seconds: float | None) -> str:
    """Return a duration with three digits, in a unit that suits it."""
    if seconds is None:
        return "–"
    for unit, size in (("µs", 1e-6), ("ms", 1e-3)):
        if seconds < 999.5 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def span(seconds: float) -> str:
    """Return a length of time in the largest unit that it has one of."""
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def size(n_bytes: int) -> str:
    """Return a number of bytes in a unit that suits it."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= factor:
            return f"{n_bytes / factor:.3g} {unit}"
    return f"{n_bytes} bytes"


def value(of: object) -> str:
    """Return a value of a row."""
    if of is None:
        return "missing"
    return f"{of:g}" if isinstance(of, float) else str(of)
