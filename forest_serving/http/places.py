"""Which of the places that are answered a request means, where a segment of its path may be an id."""

from collections.abc import Iterable

from forest_serving.http.request import Request
from forest_serving.protocols.endpoint import TARGET

_ID = b"{id}"


class Places:
    """The paths that are answered.

    Args:
        paths: decoded; a segment {id} stands for any one that is not empty.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._patterns = {path: path.encode().split(b"/") for path in self._paths if "{id}" in path}

    def of(self, request: Request) -> str | None:
        """Return which path a request means; None if none.

        Ids are looked for in the path as it came: a %2F belongs to an id, and divides nothing.
        """
        if request.path in self._paths:
            return request.path
        if not self._patterns:
            return None
        segments = request.headers[TARGET].partition(b"?")[0].split(b"/", 8)
        return next((path for path, pattern in self._patterns.items() if _fit(pattern, segments)), None)


def _fit(pattern: list[bytes], segments: list[bytes]) -> bool:
    pairs = zip(pattern, segments, strict=False)
    return len(pattern) == len(segments) and all(given == due or (due == _ID and given) for due, given in pairs)
