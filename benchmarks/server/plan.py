"""What a run measures with, how it tells what it does, and how one failure does not end it."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.server.rows import Rows

Say = Callable[[str], None]
STARTED = time.monotonic()


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


def say(text: str) -> None:
    """Tell on standard error what is going on, and how many seconds have passed."""
    print(f"[{time.monotonic() - STARTED:4.0f} s] {text}", file=sys.stderr, flush=True)
