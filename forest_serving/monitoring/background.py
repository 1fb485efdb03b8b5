"""Work on a disk that may hang, done by a thread: no request waits for it for long, nor does the end of the process."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

LOOK_S = 0.2
_log = logging.getLogger("bentoml.forest")
_Value = TypeVar("_Value")


class Background:
    """Calls functions one after another in a thread.

    It is a daemon: at exit the interpreter would wait for a ThreadPoolExecutor's.
    """

    def __init__(self) -> None:
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def submit(self, function: Callable[[], _Value]) -> "Future[_Value]":
        """Return what will be a function's result."""
        future: Future[_Value] = Future()
        self._jobs.put((future, function))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="disk", daemon=True)
            self._thread.start()
        return future

    def _run(self) -> None:
        while True:
            future, function = self._jobs.get()
            try:
                future.set_result(function())
            except BaseException as error:  # whoever asks for the result gets it
                future.set_exception(error)
            del future, function


class Latest(Generic[_Value]):
    """What a function that looks at a disk returned last.

    Args:
        look: the function.
        value: what to return until it has answered once.
    """

    def __init__(self, look: Callable[[], _Value], value: _Value) -> None:
        self._look = look
        self._value = value
        self._looking: Future[_Value] | None = None
        self._thread = Background()

    def get(self) -> _Value:
        """Return what a new look tells; if that takes longer than LOOK_S, or failed, the value before."""
        if self._looking is None:
            self._looking = self._thread.submit(self._look)
            wait_s = LOOK_S
        else:
            wait_s = 0.0  # the last look has not ended yet: nobody waits for it twice
        wait([self._looking], wait_s)
        if self._looking.done():
            if error := self._looking.exception():
                _log.warning("Metrics lag, as looking at them failed.", exc_info=error)
            else:
                self._value = self._looking.result()
            self._looking = None
        return self._value
