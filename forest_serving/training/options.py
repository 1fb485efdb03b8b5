"""The command line of a training."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from forest_serving.command_line import model_name, share, whole
from forest_serving.engines.compile import ENGINE_CHOICES
from forest_serving.training.gates import WORDS, Gates
from forest_serving.training.layout import Layout
from forest_serving.training.plan import Plan, plan_for
from forest_serving.training.recipe import Recipe


class Options(NamedTuple):
    """What a command line asks for; the options' help says what each means."""

    csv: Path | None
    label: str | None
    name: str
    recipe: Recipe
    engine: str
    evaluate: str  # "auto", "thorough" or "no"
    gates: Gates
    plot_rows: int
    if_needed: bool

    @property
    def is_evaluated(self) -> bool:
        """Whether to find out how good the model is."""
        return self.evaluate != "no"

    @property
    def settings(self) -> tuple[object, ...]:
        """All that decides what is saved, beside the data."""
        return (self.recipe, self.engine, self.evaluate, self.gates, self.plot_rows)

    def plan(self, n_rows: int, n_columns: int) -> Plan:
        """Return how to evaluate on data of this shape."""
        return plan_for(n_rows, n_columns, thorough=self.evaluate == "thorough")


def training_options(description: str, layout: Layout, arguments: Sequence[str] | None = None) -> Options:
    """Return what the command line asks for, or exit with code 2 and a sentence.

    Args:
        description: what --help says first.
        layout: of the data that the command knows beforehand.
        arguments: those of the process, unless others are given.
    """
    parser = _parser(description, layout)
    given = parser.parse_args(arguments)
    if given.label is not None and given.csv is None:
        parser.error("--label names a column of a file; name the file with --csv")
    if given.label is not None and given.name is None:
        parser.error("--label needs --name, the name of the new model")
    return _options(given, layout, parser)


def _options(given: argparse.Namespace, layout: Layout, parser: argparse.ArgumentParser) -> Options:
    gates = Gates(**{measure: getattr(given, f"min_{measure}") for measure in WORDS})
    if given.no_evaluate:
        asked = [f"--min-{measure}" for measure, lowest in gates._asdict().items() if lowest is not None]
        asked += ["--evaluate"] if given.evaluate else []
        if asked:
            parser.error(f"{asked[0]} needs an evaluation; leave out --no-evaluate")
    elif gates.accuracy is None and given.label is None:
        gates = gates._replace(accuracy=layout.min_accuracy)
    depth = given.max_depth
    return Options(
        csv=given.csv,
        label=given.label,
        name=given.name or layout.name,
        recipe=Recipe(
            given.trees, depth, given.seed, given.class_weight, given.min_samples_leaf, given.max_features[0]
        ),
        engine=given.engine,
        evaluate="no" if given.no_evaluate else given.evaluate or "auto",
        gates=gates,
        plot_rows=layout.plot_rows if given.plot_rows is None and given.label is None else given.plot_rows or 0,
        if_needed=given.if_needed,
    )


def _parser(description: str, layout: Layout) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument_group("data").add_argument
    add("--csv", type=Path, metavar="FILE", help=f"numbers to train on (default: scikit-learn's {layout.name})")
    add("--label", metavar="COLUMN", help=f"holds the classes; all others are features (default: {layout.name}'s)")
    add(
        "--name", type=model_name, help=f"saves NAME_forest, NAME_compiled (default: {layout.name}; needed for --label)"
    )
    add("--plot-rows", type=whole(0, 10_000), metavar="N", help=_PLOT_ROWS.format(layout.plot_rows))
    add = parser.add_argument_group("forest").add_argument
    add("--trees", type=whole(1, 10_000), default=100, help="number of trees (default: %(default)s)")
    add("--max-depth", type=whole(1, 10_000), help="deepest tree (default: no limit)")
    add("--min-samples-leaf", type=whole(1, 1_000_000), default=1, metavar="N", help="rows in a leaf (default: 1)")
    add("--max-features", type=_max_features, default=("sqrt",), metavar="N", help=_MAX_FEATURES)
    add("--class-weight", choices=["balanced", "balanced_subsample"], help="rare classes count more (default: no)")
    add("--seed", type=whole(0, 2**32 - 1), default=0, help="random seed (default: %(default)s)")
    add("--engine", choices=ENGINE_CHOICES, default="auto", help="default: %(default)s")
    add("--if-needed", action="store_true", help="do nothing if the newest model has the same data, settings and code")
    _add_evaluation(parser.add_argument_group("evaluation", _EVALUATION), layout)
    return parser


def _add_evaluation(group: Any, layout: Layout) -> None:
    help_of_default = f"default: {layout.min_accuracy} for {layout.name}, none for --label: no number suits all data"
    for measure, words in WORDS.items():
        default = help_of_default if measure == "accuracy" else "default: none"
        group.add_argument(
            f"--min-{measure}", type=share, metavar="SHARE", help=f"save nothing if the {words} is below it ({default})"
        )
    group.add_argument("--evaluate", choices=["auto", "thorough"], help="thorough: 5 folds, 4 times, however long")
    group.add_argument("--no-evaluate", action="store_true", help="train and save at once; the report stays empty")


def _max_features(text: str) -> tuple[str | int | float | None]:
    """Return a tuple of one, as argparse takes None for no value."""
    if text in ("sqrt", "log2"):
        return (text,)
    if text == "all":
        return (None,)
    try:
        value = int(text) if text.isdecimal() else float(text)
    except ValueError:
        value = 0
    if not (value >= 1 if isinstance(value, int) else 0 < value <= 1):
        raise argparse.ArgumentTypeError(f"must be sqrt, log2, all, a whole number or a share, not {text[:40]!r}")
    return (value,)


_PLOT_ROWS = "rows to keep for pictures, which every client can see (default: {}, or 0 with --label)"
_MAX_FEATURES = "columns looked at for a split: sqrt, log2, all, a number, or a share such as 0.5 (default: sqrt)"
_EVALUATION = "Up to 2,000 rows: 5 folds, 4 times; up to 10,000: 5 folds, once; beyond: a hold-out of a quarter."
