"""How much work an evaluation is worth: all of it on small data, about one more fit on large."""

from math import ceil
from typing import NamedTuple

HOLDOUT_SHARE = 0.25
_SMALL_ROWS, _MIDDLE_ROWS = 2_000, 10_000
_SHUFFLES = 10
_MOST_SHUFFLES = 1_000  # each asks the forest for all held-out rows
_SHUFFLED_PER_ROW = 5  # asking a forest for a row takes a hundredth of fitting one to it


class Plan(NamedTuple):
    """What to do, beside a hold-out.

    Attributes:
        folds: of the cross-validation; 0 for none.
        repeats: of the cross-validation.
        shuffles: of each column, for its importance; 0 for none.
        shuffled_rows: how many of the held-out rows are shuffled.
    """

    folds: int
    repeats: int
    shuffles: int
    shuffled_rows: int


def plan_for(n_rows: int, n_columns: int, thorough: bool = False) -> Plan:
    """Return what to do with data of this size; the same for the same size, on every machine.

    A fit to 3/4 of the rows for the hold-out and, on average, 3/4 more for the importances stay below two fits. They
    are all that is done beyond 10,000 rows, where a hold-out alone knows the accuracy to about 1 %.
    """
    n_holdout = ceil(n_rows * HOLDOUT_SHARE)
    if thorough:
        return Plan(5, 4, _SHUFFLES, n_holdout)
    folds, repeats = (5, 4) if n_rows <= _SMALL_ROWS else (5, 1) if n_rows <= _MIDDLE_ROWS else (0, 0)
    shuffles = min(_SHUFFLES, _MOST_SHUFFLES // n_columns)
    if shuffles == 0 or n_rows <= _SMALL_ROWS:
        return Plan(folds, repeats, shuffles, n_holdout)
    return Plan(folds, repeats, shuffles, min(n_holdout, n_rows * _SHUFFLED_PER_ROW // (n_columns * shuffles)))
