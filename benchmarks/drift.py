"""How soon drift is found, and how rarely it is found where there is none: make bench-drift.

Streams of made-up rows go through the window and the look that serving has. Each begins without drift for a full
window; then one of five numbers is shifted by so many of its standard deviations. Drawn is the share of streams in
which that was found, by the rows since. To expect: one standard deviation in 200 rows, nearly all of a half in 500, and
of 1,000 windows without drift at most one or two that alarm.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import Card, Category
from forest_serving.drift.watch import Watch
from forest_serving.drift.window import Window
from forest_serving.training.columns import Column
from forest_serving.training.features import of_numbers

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "explanation" / "drift.svg"
SHIFTS = (0.0, 0.2, 0.3, 0.5, 1.0)  # standard deviations
WINDOW, STEP, MOST = 1_000, 50, 1_500  # rows
N_FEATURES, N_TRAINING = 5, 1_000
COLOURS = ("#8b949e", "#a371f7", "#d4a72c", "#3fb950", "#2f81f7")


class Stream:
    """Rows of a model that was trained on others of the same kind.

    Args:
        seed: of both.
        n_training: how many rows it was trained on.
    """

    def __init__(self, seed: int, n_training: int = N_TRAINING) -> None:
        self._rng = np.random.default_rng(seed)
        rows, answers = self._draw(n_training)
        card = Card(
            name="made_up",
            features=tuple(of_numbers(Column(f"number_{place}"), values) for place, values in enumerate(rows.T)),
            classes=tuple(Category(label=label, name=str(label)) for label in range(2)),
            example=(0.0,) * N_FEATURES,
            engine="forest",
            engine_sha256="",
            forest="",
            proof="",
            answer_counts=tuple(np.bincount(answers, minlength=2).tolist()),
        )
        self._watch = Watch(card, WINDOW, lambda: self._window.pieces)
        self._window = Window(self._watch.columns, WINDOW)

    def send(self, n_rows: int, shift: float = 0.0) -> bool:
        """Return whether drift is found after so many more rows, the first number shifted."""
        rows, answers = self._draw(n_rows)
        rows[:, 0] += shift
        self._window.add(rows, answers)
        self._window.settle()
        return bool(self._watch.look().has_drifted)

    def _draw(self, n_rows: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        return self._rng.normal(size=(n_rows, N_FEATURES)), self._rng.choice(2, n_rows, p=[0.8, 0.2])


def alarms(n_windows: int, n_training: int = N_TRAINING) -> float:
    """Return the share of windows without drift in which there was an alarm at any time, of 20 models."""
    n_models = 20
    found = 0
    for seed in range(n_models):
        stream = Stream(seed, n_training)
        for _ in range(n_windows // n_models):
            found += any([stream.send(STEP) for _ in range(0, WINDOW, STEP)])
    return found / n_windows


def found_within(shift: float, n_streams: int) -> list[float]:
    """Return the share of streams whose drift was found by each STEP of rows since it began, up to MOST."""
    found = np.array([list(_found(shift, seed)) for seed in range(n_streams)])
    return [float(share) for share in found.mean(axis=0)]


def _found(shift: float, seed: int) -> Iterator[bool]:
    stream, is_found = Stream(seed), False
    for _ in range(0, WINDOW, STEP):
        stream.send(STEP)
    for _ in range(0, MOST, STEP):
        is_found = stream.send(STEP, shift) or is_found
        yield is_found


def draw(curves: dict[float, list[float]], alarmed: float, n_windows: int, file: Path) -> None:
    """Draw a line for each shift."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    from benchmarks.server.chart import INK, STYLE, bare

    rows = range(STEP, MOST + 1, STEP)
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
        for (shift, shares), colour in zip(curves.items(), COLOURS, strict=True):
            axes.plot(rows, [100 * share for share in shares], color=colour, linewidth=2, label=f"{shift:g}")
        axes.axvline(500, color=INK, linewidth=1, linestyle=":")
        axes.set_xlabel("rows since the drift began")
        axes.set_ylabel("% of streams in which it was found")
        axes.set_title(f"no drift: {alarmed:.1%} of {n_windows:,} windows alarmed; one number of five shifted by:")
        axes.legend(
            title="standard deviations", loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, labelcolor=INK
        )
        axes.grid(color=INK, alpha=0.25)
        bare(axes)
        figure.savefig(file, transparent=True, metadata={"Date": None})
        plt.close(figure)


def main() -> None:
    """Print what was found, and draw it."""
    parser: Any = argparse.ArgumentParser(prog="python -m benchmarks.drift", description=__doc__)
    parser.add_argument("--windows", type=int, default=1_000, help="without drift")
    parser.add_argument("--streams", type=int, default=200, help="of each shift")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    options = parser.parse_args()
    alarmed = alarms(options.windows)
    print(f"no drift: {alarmed:.2%} of {options.windows:,} windows alarmed")
    curves = {shift: found_within(shift, options.streams) for shift in SHIFTS}
    for shift, shares in curves.items():
        print(f"shift {shift:g}: " + ", ".join(f"{STEP * n} rows {shares[n - 1]:.0%}" for n in (4, 6, 10, 14, 20, 30)))
    draw(curves, alarmed, options.windows, options.picture)


if __name__ == "__main__":
    main()
