"""Labels that somebody brings along with a fitted model: which of its classes each row has."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.card import Label
from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import did_you_mean


def positions_of(given: Any, labels: Sequence[Label], n_rows: int) -> NDArray[np.intp] | None:
    """Return the position of each row's class.

    Args:
        given: a Series, an array or a list; None for unknown.
        labels: the model's, in its order.
        n_rows: how many there should be.

    Raises:
        BadTrainingData: if there are more or fewer, or one that the model does not have.
    """
    if given is None:
        return None
    values = np.asarray(given)
    if values.shape not in ((n_rows,), (n_rows, 1)):
        shape = " × ".join(map(str, values.shape))
        raise BadTrainingData(f"y must hold a label for each of the {n_rows} rows of X; its shape is {shape}.")
    return _found(
        values.ravel().tolist(), {label: position for position, label in enumerate(labels)}, "y, row {}".format
    )


def positions_of_texts(texts: Sequence[str], labels: Sequence[Label], place: Callable[[int], str]) -> NDArray[np.intp]:
    """Return the position of each row's class, for labels written as text, such as "1" or "true" in a file."""
    spellings = {str(label): position for position, label in enumerate(labels)}
    if all(isinstance(label, bool) for label in labels):
        spellings |= {name.lower(): position for name, position in spellings.items()}
        spellings |= {name.upper(): position for name, position in spellings.items()}
    return _found(texts, spellings, place)


def _found(given: Sequence[Any], positions: dict[Any, int], place: Callable[[int], str]) -> NDArray[np.intp]:
    try:
        return np.array([positions[label] for label in given], np.intp)
    except (KeyError, TypeError):
        row = next(number for number, label in enumerate(given) if label not in list(positions))
        hint = did_you_mean(str(given[row]), [str(label) for label in positions])
        where = f"{place(row)}: {str(given[row])[:40]!r} is not a class of the model{hint}"
        raise BadTrainingData(f"{where}. Give the labels that it was fitted to, or none.") from None
