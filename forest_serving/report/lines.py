"""Reading a log: whole lines of one model, a batch at a time; what is torn or not ours is counted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from forest_serving.errors import BadLog

BATCH_LINES = 4_000
MOST_LINE_BYTES = 2**24
_TAIL_BYTES = 2**20
_YEARS = range(1970, 3000)  # so that spans around them end within the years that Python knows


class Line(msgspec.Struct, gc=False):
    """A record, as prediction_log.records.Record says."""

    time: datetime
    request_id: str
    row: int
    model: str
    version: str
    duration_s: float
    features: dict[str, Any]
    prediction: bool | float | int | str
    endpoint: str = ""
    probabilities: list[float] | None = None
    unknown: list[str] = []


_decode = msgspec.json.Decoder(Line).decode


def files_of(path: Path) -> list[Path]:
    """Return the files of a log, which may be a folder or one of them, in the order of their names.

    Raises:
        BadLog: if there are none.
    """
    found = sorted(path.glob("*.jsonl")) if path.is_dir() else [path] * path.is_file()
    if not found:
        raise BadLog(f"There is no prediction log at {path}; give a folder with files *.jsonl in it, or one of them.")
    return found


def read_line(text: bytes) -> Line | None:
    """Return a record; None if a line is none."""
    try:
        line = _decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return line if line.time.tzinfo and line.time.year in _YEARS else None


def ends_of(files: Sequence[Path], model: str) -> list[Line]:
    """Return the first and the last record of each file that has some, of a model if it is not empty."""
    found = []
    for path in files:
        with path.open("rb") as file:
            head = file.read(_TAIL_BYTES).splitlines()
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            tail = file.read(_TAIL_BYTES).splitlines()
        for lines in (head, reversed(tail)):
            records = (line for line in map(read_line, lines) if line and model in ("", line.model))
            found += [line for line in [next(records, None)] if line]
    return found


class Lines:
    """The lines of one model.

    Args:
        files: where they are.
        model: the model's name.

    Attributes:
        n_bytes: how much was read.
        n_torn: how many lines end with their file before they end.
        n_foreign: how many others are no records.
        others: how many records there are of each other model.
    """

    def __init__(self, files: Sequence[Path], model: str) -> None:
        self.files, self.model = files, model
        self.n_bytes = self.n_torn = self.n_foreign = 0
        self.others: Counter[str] = Counter()

    def batches(self) -> Iterator[list[Line]]:
        """Yield all, some at a time."""
        batch: list[Line] = []
        for path in self.files:
            for text in _texts(path):
                if line := self._checked(text):
                    batch.append(line)
                if len(batch) >= BATCH_LINES:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def _checked(self, text: bytes) -> Line | None:
        self.n_bytes += len(text)
        line = read_line(text)
        if line is None:
            is_whole = text.endswith(b"\n")
            self.n_foreign += is_whole and not text.isspace()
            self.n_torn += not is_whole
        elif line.model != self.model:
            self.others[line.model[:80]] += 1
            return None
        return line


def _texts(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file; one that is too long in pieces, which are no records."""
    with path.open("rb") as file:
        while text := file.readline(MOST_LINE_BYTES):
            yield text
