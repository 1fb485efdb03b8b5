"""A fitted model in a joblib or pickle file, which runs code when it is loaded."""

from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]

from forest_serving.errors import OperatorError


def check_file(path: Path) -> None:
    """Raise OperatorError unless there is a file that can be read."""
    if not path.is_file():
        what = "is not a file" if path.exists() else "does not exist"
        raise OperatorError(f"{path} {what}. Name a model that joblib or pickle saved.")
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}. Name a file that can.") from None


def load_model(path: Path) -> Any:
    """Return what is in a file. It may run any code.

    Raises:
        OperatorError: if it cannot be loaded, with what to do about it.
    """
    try:
        return joblib.load(path)
    except ModuleNotFoundError as error:
        fix = "Install it, or run this command where it can be imported"
        raise OperatorError(f'{path} needs the module "{error.name}", which cannot be imported here. {fix}.') from None
    except Exception as error:  # a damaged pickle fails in as many ways as there are opcodes
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        fix = "Save it with joblib.dump, and load it with the same versions of Python and scikit-learn"
        raise OperatorError(f"{path} cannot be loaded ({reason}). {fix}.") from None
