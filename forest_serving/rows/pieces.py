"""Reading a long body piece by piece, so that others have their turn in between.

What is read so needs no limit on its rows, only on its bytes.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TypeVar

import numpy as np

from forest_serving.rows.numbers import Rows

PIECE_BYTES = 16_384  # which take up to 4 ms if they are odd, and a tenth of that if they are plain numbers
Reading = Generator[None, None, Rows]  # yields after each piece
_Piece = TypeVar("_Piece")


def pieces(body: bytes, end: bytes) -> Iterator[bytes]:
    """Return a body in pieces of at least PIECE_BYTES, each with the end that it was cut after."""
    start = 0
    while start < len(body):
        found = body.find(end, start + PIECE_BYTES)
        stop = len(body) if found < 0 else found + len(end)
        yield body[start:stop]
        start = stop


def read_pieces(parts: Iterable[_Piece], read: Callable[[_Piece, int], Rows]) -> Reading:
    """Read the rows of each piece; read also gets how many rows there were before it, for errors."""
    found: list[Rows] = []
    n_rows = 0
    for piece in parts:
        rows = read(piece, n_rows)
        if len(rows):
            found.append(rows)
        n_rows += len(rows)
        yield
    return joined(found)


def joined(found: list[Rows]) -> Rows:
    """Return the rows of all pieces."""
    if len(found) < 2:
        return found[0] if found else []
    return np.concatenate([np.asarray(rows, np.float64) for rows in found])
