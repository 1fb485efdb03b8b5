"""A piece of a file, and the reading of it by kinds of files."""

from collections.abc import Sequence
from typing import Any, NamedTuple

PIECE_ROWS = 5_000


class Rows(NamedTuple):
    """A piece of a file.

    Attributes:
        places: of each row its line in the file, or its number from 1 where there are no lines.
        columns: of each column, in the file's order, its values.
        share: how much of the file is read, from 0 to 1.
    """

    places: Sequence[int]
    columns: Sequence[Sequence[Any]]
    share: float
