"""Command lines: readers of their options, and how a failed command ends (one sentence on stderr, exit code 2)."""

import argparse
import re
import sys
from collections.abc import Callable

from forest_serving.errors import OperatorError

MODEL_NAME = re.compile("[a-z0-9]([a-z0-9_-]{0,40}[a-z0-9])?")


def run(main: Callable[[], int]) -> None:
    """Run a command and exit: with its code, with 2 after an error that the user can fix, with 130 after Ctrl-C."""
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


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from low to high, for argparse."""

    def read(text: str) -> int:
        if not re.fullmatch("[0-9]{1,10}", text) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}, not {text[:40]!r}")
        return int(text)

    return read


def share(text: str) -> float:
    """Read a number from 0 to 1, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, not {text[:40]!r}")
    return value


def model_name(text: str) -> str:
    """Read a model's name, for argparse."""
    try:
        check_model_name(text)
    except OperatorError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def check_model_name(name: str) -> None:
    """Raise OperatorError unless a model can be called so, in stores, paths and metrics alike."""
    if not MODEL_NAME.fullmatch(name):
        raise OperatorError(
            f"A model's name must be lower-case letters, digits, - and _ in between, not {name[:40]!r};"
            " such as churn or churn-2."
        )
