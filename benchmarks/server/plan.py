"""What a run measures with, and how one failure does not end it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.server.rows import Rows

Say = Callable[[str], None]


@dataclass
class Plan:
    """What a run measures with.

    Attributes:
        prefix: of the peers' environments.
        work: a folder for what the run makes.
        generator: the load generator.
        forest: scikit-learn's forest, which is right.
        in_range: rows to load with.
        at_splits: rows to check with, too.
        rounds: how many turns each peer has.
        seconds: how long each load lasts.
    """

    prefix: str
    work: Path
    generator: Path
    forest: Any
    in_range: Rows
    at_splits: Rows
    rounds: int
    seconds: float


def attempt(step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a step returns, or {"error": why it failed}: one peer must not end the run."""
    try:
        return step()
    except Exception as error:
        return {"error": f"{error}" or type(error).__name__}
