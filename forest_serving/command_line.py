"""Command lines: their options, and how a failed command ends (one sentence on stderr, exit code 2)."""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from forest_serving.errors import OperatorError
from forest_serving.schema import MODEL_NAME


def run(main: Callable[[], int]) -> None:
    """Run a command and exit: with its code, with 2 after an error that the user can mend, with 130 after Ctrl-C."""
    try:
        sys.exit(main())
    except OperatorError as error:
        print(error, file=sys.stderr)
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed in this environment. Run: make setup", file=sys.stderr)
    except OSError as error:
        reason = error.strerror or "is the disk full, or not writable?"  # what shutil raises has no words of its own
        print(f"Cannot read or write {error.filename or 'in the BentoML store'}: {reason}.", file=sys.stderr)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(2)


def training_arguments(description: str, arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of train_and_save.py."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--csv", type=Path, metavar="FILE", help="measurements to train on (default: scikit-learn's Iris)")
    add("--trees", type=whole(1, 10_000), default=100, help="number of trees (default: %(default)s)")
    add("--max-depth", type=whole(1, 10_000), help="deepest tree (default: no limit)")
    add("--seed", type=whole(0, 2**32 - 1), default=0, help="random seed (default: %(default)s)")
    add("--min-accuracy", type=_share, default=0.90, help="save nothing below it (default: %(default)s)")
    add("--model-name", type=_name, default=MODEL_NAME, help="saves NAME_forest, NAME_compiled (default: %(default)s)")
    add("--engine", choices=["auto", "decision_table", "flat_forest"], default="auto", help="default: %(default)s")
    add("--if-needed", action="store_true", help="do nothing if the newest model has the same data, settings and code")
    return parser.parse_args(arguments)


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from low to high, for argparse."""

    def read(text: str) -> int:
        if not re.fullmatch("[0-9]{1,10}", text) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}, not {text[:40]!r}")
        return int(text)

    return read


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, not {text[:40]!r}")
    return value


def _name(text: str) -> str:
    if not re.fullmatch("[a-z0-9]([a-z0-9_-]{0,40}[a-z0-9])?", text):
        raise argparse.ArgumentTypeError(f"must be lower-case letters, digits, - and _, not {text[:40]!r}")
    return text
