"""A server under attack, and what must be so afterwards."""

import re
import time
import uuid
from pathlib import Path

import psutil

from tests.support.verdicts import is_harm
from tests.support.wire import ask, request

PREDICTIONS = rb'^bentoml_service_request_total\{(?=[^}]*endpoint="/predict).*\} ([0-9.e+]+)$'


class Attacked:
    """A server that tests attack.

    Attributes:
        url: where it listens.
        log: the file of its log.
        worker: its one worker.
    """

    def __init__(self, url: str, log: Path, worker: psutil.Process) -> None:
        self.url, self.log, self.worker = url, log, worker
        self._n_read = 0

    def n_requests(self) -> float:
        """Return how many requests to /predict and /predict_proba the server has counted, refused ones included."""
        (reply,) = ask(self.url, request(method=b"GET", target=b"/metrics"))
        return sum(float(number) for number in re.findall(PREDICTIONS, reply.body, re.MULTILINE))

    def wait_for_log(self, seconds: float = 10) -> None:
        """Return once the log holds a refusal made now, and so all that happened before it; fail if it never does."""
        name = uuid.uuid4().hex
        ask(self.url, request(b"{", b"X-Request-ID: " + name.encode()))
        deadline = time.monotonic() + seconds
        while name not in self.log.read_text(errors="replace"):
            assert time.monotonic() < deadline, f"{self.log} is not the log of {self.url}"
            time.sleep(0.02)

    def new_harm(self) -> list[str]:
        """Return the log's lines since the last call that show a fault of ours."""
        lines = self.log.read_text(errors="replace").splitlines()
        new, self._n_read = lines[self._n_read :], len(lines)
        return [line for line in new if is_harm(line)]
