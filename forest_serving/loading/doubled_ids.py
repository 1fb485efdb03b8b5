"""Ids that a file has twice, found by eight bytes for each row."""

from array import array
from collections.abc import Sequence

import numpy as np

from forest_serving.loading.pieces import Pieces
from forest_serving.rows.words import shown_id


class SeenIds:
    """Keeps a hash of each id."""

    def __init__(self) -> None:
        self._hashes = array("q")

    def add(self, ids: Sequence[bytes]) -> None:
        """Take note of ids."""
        self._hashes.extend(map(hash, ids))

    def refuse_doubled(self, pieces: Pieces) -> None:
        """Raise BadFeaturesFile if an id came twice, naming both places; equal hashes of different ids do no harm.

        Args:
            pieces: the file, to be read again if two hashes are equal.
        """
        hashes = np.frombuffer(self._hashes, np.int64)
        hashes.sort()
        suspects = set(hashes[1:][hashes[1:] == hashes[:-1]].tolist())
        if suspects:
            _refuse(pieces, suspects)


def _refuse(pieces: Pieces, suspects: set[int]) -> None:
    seen: dict[bytes, int] = {}
    for places, ids, _ in pieces:
        for place, id in zip(places, ids, strict=True):
            if hash(id) not in suspects:
                continue
            if id in seen:
                where = f"as {pieces.table.place} {seen[id]:,} has"
                raise pieces.fault(place, f' has the id "{shown_id(id.decode())}", {where}; keep one of them')
            seen[id] = place
