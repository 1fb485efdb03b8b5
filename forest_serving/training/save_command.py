"""python -m forest_serving save: compile, prove and store a fitted model out of a file."""

import argparse
import sys
from pathlib import Path
from typing import Any

from forest_serving.command_line import model_name, whole
from forest_serving.engines.compile import ENGINE_CHOICES
from forest_serving.engines.oracle import unpacked
from forest_serving.errors import OperatorError
from forest_serving.training.csv_table import read_table
from forest_serving.training.dataset import label_position
from forest_serving.training.given_labels import positions_of_texts
from forest_serving.training.given_rows import in_the_models_order
from forest_serving.training.model_file import check_file, load_model
from forest_serving.training.sample import Sample
from forest_serving.training.saving import Choices, save_sample

_WARNING = "Loading {} runs whatever code is in it: go on only if you trust whoever made it."
_DROP = "drop it, or name it with --label if it holds the classes"
_DESCRIPTION = """Compile a fitted scikit-learn model, prove the result equal, and store both, ready to be served.

    python -m forest_serving save model.joblib --name churn --data sample.csv --label churned

A joblib or pickle file can run any code when it is loaded. The command asks before it loads one; where nobody can be
asked, it needs --yes."""


def main(arguments: list[str]) -> int:
    """Do what the command line asks; return the exit code."""
    options = _parser().parse_args(arguments)
    check_file(options.model)
    if not _may_load(options.model, options.yes):
        print("Nothing was loaded.", file=sys.stderr)
        return 1
    forest = unpacked(load_model(options.model))
    sample = _sample(options.data, options.label, forest)
    save_sample(options.name, forest, sample, Choices(None, options.plot_rows, options.engine))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m forest_serving save",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("model", type=Path, help="the file: a forest, or a search such as GridSearchCV, saved with joblib or pickle")
    add("--name", type=model_name, required=True, help="saves NAME_forest and NAME_compiled")
    add("--data", type=Path, required=True, metavar="CSV", help="rows that it was fitted to, or some of them")
    add("--label", metavar="COLUMN", help="the column of the file that holds the classes, if there is one")
    add("--engine", choices=ENGINE_CHOICES, default="auto", help="default: %(default)s")
    add("--plot-rows", type=whole(0, 10_000), default=0, metavar="N", help="rows to keep for pictures (default: none)")
    add("--yes", action="store_true", help="the file comes from somebody you trust: do not ask")
    return parser


def _may_load(path: Path, said_yes: bool) -> bool:
    """Warn, and return whether to go on."""
    print(_WARNING.format(path), file=sys.stderr)
    if said_yes:
        return True
    if not sys.stdin.isatty():
        raise OperatorError(f"{path} was not loaded, because nobody can be asked here. If you trust it, add --yes.")
    print("Load it? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _sample(path: Path, label: str | None, forest: Any) -> Sample:
    table = read_table(path, lambda header: None if label is None else label_position(label, header, str(path)))
    rows, columns = in_the_models_order(table.rows, table.columns, forest, str(path), _DROP)
    positions = None
    if label is not None:
        positions = positions_of_texts(table.labels, forest.classes_.tolist(), table.label_place)
    return Sample(rows, columns, str(path), table.label_column, positions)
