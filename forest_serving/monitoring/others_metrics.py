"""Metrics that somebody else makes with prometheus_client in the workers, BentoML or a service's own code."""

import struct
from glob import escape, glob
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from forest_serving.monitoring.background import Latest
from forest_serving.monitoring.regular_files import read_regular

MAX_BYTES = 2**26  # of a file
_read_int = struct.Struct("i").unpack_from


class OthersMetrics:
    """The text of all metrics in the files that prometheus_client keeps in a folder; broken files are left out.

    Args:
        folder: where the files are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.text = Latest(self._render, b"")

    def _render(self) -> bytes:
        paths = glob(f"{escape(str(self.folder))}/*.db")  # noqa: PTH207 - as text, which prometheus_client takes
        return _rendered([path for path in paths if _can_be_told(path)])


class _Merged(Collector):
    def __init__(self, paths: list[str]) -> None:
        self.paths = paths

    def collect(self) -> list[Metric]:
        return list(MultiProcessCollector.merge(self.paths))  # type: ignore[no-untyped-call]


def _rendered(paths: list[str]) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Merged(paths))
    return generate_latest(registry)


def _can_be_told(path: str) -> bool:
    try:
        if not _is_whole(read_regular(Path(path), MAX_BYTES)):
            return False
        _rendered([path])
    except Exception:  # whatever there can be wrong with somebody else's file: the others must be told
        return False
    return True


def _is_whole(content: bytes) -> bool:
    """Return whether one entry follows the other up to the end; prometheus_client would loop over some that do not.

    An entry is the length of its name, the name, one to eight bytes that make it a multiple of eight, and two doubles.
    """
    (end,) = _read_int(content)
    position = 8
    while position < end:
        (length,) = _read_int(content, position)
        if length < 0:
            return False
        position += 4 + length + 8 - (length + 4) % 8 + 16
    return bool(position == end <= len(content))
