"""A few texts, out of which long lists are put together by number."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forest_serving.kernel.library import address, kernel

_MANY = 100  # from so many on, the kernel is faster than Python's join


class Texts:
    """Texts by position, such as the JSON of each label; held twice, one by one and put together.

    Args:
        texts: the texts.
    """

    def __init__(self, texts: Sequence[bytes]) -> None:
        self._texts, self._kernel = texts, kernel()
        ended = [text + b"," for text in texts]
        self._all, self._begin = b"".join(ended), np.cumsum([0, *map(len, ended)])
        self._longest = max(map(len, ended), default=0)
        self._begin_address = address(self._begin)

    def joined(self, positions: list[int] | NDArray[np.integer]) -> bytes:
        """Return texts with commas between them; positions, a list or shape (n,), must be those of texts."""
        if len(positions) == 1:
            return self._texts[positions[0]]
        if isinstance(positions, list) or len(positions) < _MANY or not self._kernel:
            listed = positions if isinstance(positions, list) else positions.tolist()
            return b",".join(map(self._texts.__getitem__, listed))
        numbers = np.ascontiguousarray(positions, np.int64)
        written = np.empty(len(numbers) * self._longest, np.uint8)
        n_bytes = self._kernel.write_texts(
            self._all, self._begin_address, address(numbers), len(numbers), address(written)
        )
        return written[: n_bytes - 1].tobytes()
