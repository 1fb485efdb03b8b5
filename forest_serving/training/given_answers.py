"""Answers that somebody brings along with a fitted model: the class that each row has, or its target."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier

from forest_serving.card import Label
from forest_serving.engines.labels import plain
from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import did_you_mean

Place = Callable[[int], str]  # the number of a row → where its answer stands


def labels_of(model: Any) -> list[Label]:
    """Return the labels of a fitted model, in its order; none for a regressor."""
    labels: list[Label] = plain(model.classes_).tolist() if is_classifier(model) else []
    return labels


def answers_of(given: Any, model: Any, n_rows: int, of: str = "") -> NDArray[Any] | None:
    """Return the position of each row's class, or a regressor's targets.

    Args:
        given: a Series, an array or a list; None for unknown.
        model: fitted.
        n_rows: how many there should be.
        of: what X and y belong to, in errors, such as " of the test".

    Raises:
        BadTrainingData: if there are more or fewer, or one that the model cannot answer.
    """
    if given is None:
        return None
    what, place = "label" if is_classifier(model) else "number", f"y{of}, row {{}}".format
    try:
        values = np.asarray(given)
    except ValueError:
        raise BadTrainingData(f"y{of} must hold one {what} for each row; some hold several.") from None
    if values.shape not in ((n_rows,), (n_rows, 1)):
        shape = " × ".join(map(str, values.shape))
        raise BadTrainingData(f"y{of} must hold a {what} for each of the {n_rows} rows of X; its shape is {shape}.")
    if not is_classifier(model):
        return _targets(values.ravel().tolist(), place)
    positions: dict[Any, int] = {label: position for position, label in enumerate(labels_of(model))}
    return _found(values.ravel().tolist(), positions, place)


def answers_of_texts(texts: Sequence[str], model: Any, place: Place) -> NDArray[Any]:
    """Return the position of each row's class, or its target, written as text, such as "1" or "true" in a file."""
    if not is_classifier(model):
        return _targets(texts, place)
    labels = labels_of(model)
    spellings = {str(label): position for position, label in enumerate(labels)}
    if all(isinstance(label, bool) for label in labels):
        spellings |= {name.lower(): position for name, position in spellings.items()}
        spellings |= {name.upper(): position for name, position in spellings.items()}
    return _found(texts, spellings, place)


def _found(given: Sequence[Any], positions: dict[Any, int], place: Place) -> NDArray[Any]:
    try:
        return np.array([positions[label] for label in given], np.intp)
    except (KeyError, TypeError):
        row = next(number for number, label in enumerate(given) if not _is_one_of(label, positions))
        hint = did_you_mean(str(given[row]), [str(label) for label in positions])
        where = f"{place(row)}: {str(given[row])[:40]!r} is not a class of the model{hint}"
        raise BadTrainingData(f"{where}. Give labels that it was fitted to, or none.") from None


def _is_one_of(label: Any, positions: dict[Any, int]) -> bool:
    try:
        return label in positions
    except TypeError:  # a list, for example
        return False


def _targets(given: Sequence[Any], place: Place) -> NDArray[Any]:
    found = np.array([_target(value) for value in given], np.float64)
    if not np.isfinite(found).all():
        row = int((~np.isfinite(found)).argmax())
        where = f"{place(row)}: {str(given[row])[:40]!r} is not a finite number"
        raise BadTrainingData(f"{where}. Give numbers, or no targets.")
    return found


def _target(value: Any) -> float:
    try:
        return float(value)
    except (ArithmeticError, TypeError, ValueError):
        return np.nan
