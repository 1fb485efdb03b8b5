"""What the figures must reach."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from benchmarks.engines.peers import FIND, FIND_NUMPY, ONNX, OURS, SKLEARN
from benchmarks.server.table import digits

SMALL, LARGE, TABLE = ("iris", "wine", "cancer"), ("large",), ("iris-table",)
Figures = Mapping[str, Any]  # of one model, by their names


class Aim(NamedTuple):
    """One figure that is to be reached.

    Attributes:
        what: what is printed.
        models: of which models.
        bound: the number, with a sign: at least that if it is positive, at most if it is negative.
        sides: from figures to a numerator and a denominator.
    """

    what: str
    models: tuple[str, ...]
    bound: float
    sides: Callable[[Figures], tuple[float, float]]


def _times(unit: str, than: str, ours: str = OURS) -> Callable[[Figures], tuple[float, float]]:
    return lambda figures: (figures[unit][than], figures[unit][ours])


AIMS = (
    Aim("one row, µs, × ONNX Runtime", SMALL, 3, _times("one", ONNX)),
    Aim("one row, µs, × predict_proba", SMALL, 1500, _times("one", SKLEARN)),
    Aim("one row, µs, × ONNX Runtime", LARGE, 2, _times("one", ONNX)),
    Aim("10,000 rows, µs a row, × scikit-learn", SMALL, 2, _times("many", SKLEARN)),
    Aim("10,000 rows, µs a row, × ONNX Runtime", SMALL, 1.5, _times("many", ONNX)),
    Aim("10,000 rows, µs a row, × scikit-learn", LARGE, 1.3, _times("many", SKLEARN)),
    Aim("10,000 rows, µs a row, × ONNX Runtime", LARGE, 3, _times("many", ONNX)),
    Aim("10,000 rows, µs a row, look-up × NumPy's", TABLE, 4, _times("many", FIND_NUMPY, FIND)),
    Aim("compile and prove, s", LARGE, -20, lambda figures: (figures["compile"] + figures["prove"], 1)),
    Aim("file, bytes a node", LARGE, -16, lambda figures: (figures["bytes"], figures["nodes"])),
    Aim("load, s", LARGE, -0.3, lambda figures: (figures["load"], 1)),
    Aim("two threads, × one", (*SMALL, *LARGE), 1.8, lambda figures: (figures["threads"][OURS], 1)),
)


def lines(measured: Mapping[str, Figures]) -> list[str]:
    """Return a line for each figure of the models that were measured."""
    return [line(aim, name, measured[name]) for aim in AIMS for name in aim.models if name in measured]


def line(aim: Aim, name: str, figures: Figures) -> str:
    """Return what was reached, both sides of it, and by how much it misses the aim, if it does."""
    above, below = aim.sides(figures)
    value, bound = above / below, abs(aim.bound)
    reached = value >= bound if aim.bound > 0 else value <= bound
    sides = "" if below == 1 else f"{digits(above)} / {digits(below)}"
    wanted = f"{'≥' if aim.bound > 0 else '≤'} {bound:,g}"
    verdict = "reached" if reached else f"misses by {abs(value / bound - 1):.0%}"
    return f"{aim.what:42}{name:12}{sides:>22}{digits(value):>9}  {wanted:8} {verdict}"
