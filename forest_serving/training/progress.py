"""How long steps take, and progress bars for those that take more than two seconds; none where no terminal is."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

_SHOWN_AFTER_S = 2.0
_TICK_S = 0.5


class Stopwatch:
    """Collects the seconds that named steps take, and shows each step while it lasts."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Any]:
        """Time a block; yield its bar, whose update() counts one of total. Without a total the bar shows the time."""
        start = time.perf_counter()
        bar = _bar(name, total=total) if total else _bar(name, bar_format="{desc}: {elapsed}", miniters=0)
        ended = threading.Event()
        ticker = threading.Thread(target=_tick, args=(bar, ended), daemon=True)
        if total is None and not bar.disable:
            ticker.start()
        try:
            yield bar
        finally:
            ended.set()
            if ticker.ident:
                ticker.join()
            bar.close()
        self.seconds[name] = round(time.perf_counter() - start, 3)


def counted(things: Iterable[Any], name: str) -> Iterator[Any]:
    """Return the things, counted in a bar."""
    bar: Iterator[Any] = iter(_bar(name, things, unit=" rows"))
    return bar


def _bar(name: str, things: Iterable[Any] | None = None, **options: Any) -> Any:
    return tqdm(things, desc=name, leave=False, disable=None, delay=_SHOWN_AFTER_S, dynamic_ncols=True, **options)


def _tick(bar: Any, ended: threading.Event) -> None:
    while not ended.wait(_TICK_S):
        bar.update(0)
