"""python -m forest_serving save: compile, prove and store a fitted model out of a file."""

import argparse
import sys
from pathlib import Path
from typing import Any

import joblib

from forest_serving.command_line import model_name, whole
from forest_serving.engines.compile import ENGINE_CHOICES
from forest_serving.engines.unpacking import unpacked
from forest_serving.errors import OperatorError
from forest_serving.training.sample_file import read_sample, read_test
from forest_serving.training.saving import Choices, save_sample

_WARNING = "Loading {} runs whatever code is in it: go on only if you trust its author."
_MISSING = "columns where a value may be missing, although none is in the file; where one is, it may be anyway"
_TEST = "rows that it has not learned from, to judge it by, with the same columns and --label (default: not judged)"
_DESCRIPTION = """Compile a fitted scikit-learn model, prove the result equal, and store both, ready to be served.

    python -m forest_serving save model.joblib --name churn --data sample.csv --label churned

A joblib or pickle file can run any code when it is loaded. The command asks before it loads one; where nobody can be
asked, it needs --yes."""


def main(arguments: list[str]) -> int:
    """Do what the command line asks; return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.test and options.label is None:
        parser.error("--test needs --label, the column of both files that holds the classes or targets")
    _check_file(options.model)
    if not _may_load(options.model, options.yes):
        print("Nothing was loaded.", file=sys.stderr)
        return 1
    model = unpacked(_load(options.model))
    sample = read_sample(options.data, options.label, model, options.missing)
    held_out = read_test(options.test, options.label, model, sample.features) if options.test else None
    save_sample(options.name, model, sample, Choices(None, options.plot_rows, options.engine), held_out=held_out)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m forest_serving save",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("model", type=Path, help="the file, saved with joblib or pickle: trees, a pipeline, or a search")
    add("--name", type=model_name, required=True, help="saves NAME_forest and NAME_compiled")
    add("--data", type=Path, required=True, metavar="CSV", help="rows that it was fitted to, or some of them")
    add("--label", metavar="COLUMN", help="the column of the file that holds the classes or targets, if there is one")
    add("--test", type=Path, metavar="CSV", help=_TEST)
    add("--missing", metavar="COLUMN", nargs="+", action="extend", default=[], help=_MISSING)
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


def _check_file(path: Path) -> None:
    if not path.is_file():
        what = "is not a file" if path.exists() else "does not exist"
        raise OperatorError(f"{path} {what}. Name a model that joblib or pickle saved.")
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}. Name a file that can.") from None


def _load(path: Path) -> Any:
    try:
        return joblib.load(path)
    except ModuleNotFoundError as error:
        fix = "Install it, or run this command where it can be imported"
        raise OperatorError(f'{path} needs the module "{error.name}", which cannot be imported here. {fix}.') from None
    except Exception as error:  # a damaged pickle fails in as many ways as there are opcodes
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        fix = "Save it with joblib.dump, and load it with the same versions of Python and scikit-learn"
        raise OperatorError(f"{path} cannot be loaded ({reason}). {fix}.") from None
