"""How much work an evaluation is worth: all of it on small data, about one more fit on large."""

from math import ceil
from typing import NamedTuple

HOLDOUT_SHARE = 0.25
_SMALL_ROWS, _MIDDLE_ROWS = 2_000, 10_000
_SHUFFLES, _FEWER_SHUFFLES = 10, 5
_MOST_CALLS, _FEWER_CALLS = 1_000, 200  # of the forest, one for each shuffle: each takes milliseconds at least
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

    Beyond 10,000 rows a hold-out alone knows the accuracy to about 1 %. There it and the importances are all that is
    done, and take about as long as the fit: less than twice as long.
    """
    n_holdout = ceil(n_rows * HOLDOUT_SHARE)
    if thorough:
        return Plan(5, 4, _SHUFFLES, n_holdout)
    folds, repeats = (5, 4) if n_rows <= _SMALL_ROWS else (5, 1) if n_rows <= _MIDDLE_ROWS else (0, 0)
    is_small = n_rows <= _SMALL_ROWS
    most, calls = (_SHUFFLES, _MOST_CALLS) if is_small else (_FEWER_SHUFFLES, _FEWER_CALLS)
    shuffles = min(most, calls // n_columns)
    enough = n_holdout if is_small or not shuffles else n_rows * _SHUFFLED_PER_ROW // (n_columns * shuffles)
    return Plan(folds, repeats, shuffles, min(n_holdout, enough))
