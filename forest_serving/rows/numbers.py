"""What a row is: one type of number, and one form for few rows and one for many."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec

FEW_BYTES = 600  # of a body or a text; up to there, lists are read as fast as arrays
FEW_ROWS = 10  # up to so many, the model answers one by one; a call of NumPy costs more than finding the answer
NAN = float("nan")  # in rows, a missing value

# Doubles, one for each feature, in the card's order: a number within the feature's bounds, NAN where the feature takes
# gaps, or the position of a category, which is UNKNOWN where the feature takes unknown ones.
Row: TypeAlias = Sequence[float]
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]  # shape (n_rows, n_features)
    Rows: TypeAlias = list[Row] | Array  # a list of up to FEW_ROWS rows, or an array
else:  # the server's supervisor imports this module, and needs no NumPy
    Array = Rows = Any


@lru_cache
def number_type(lowest: float, highest: float) -> Any:
    """Return msgspec's type of a number within bounds, which are in it."""
    return Annotated[float, msgspec.Meta(ge=lowest, le=highest)]


def as_rows(rows: list[Row]) -> Rows:
    """Return rows in the form that suits their number."""
    if len(rows) <= FEW_ROWS:
        return rows
    import numpy as np

    return np.array(rows, np.float64)


def reordered(rows: Rows, order: Sequence[int]) -> Rows:
    """Return rows whose numbers stand in another order: the one at order[i] becomes number i."""
    if isinstance(rows, list):
        return [[row[column] for column in order] for row in rows]
    return rows[:, order]
