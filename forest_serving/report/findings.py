"""All that a report tells, found in one pass over the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forest_serving.card import Card
from forest_serving.drift.watch import Look
from forest_serving.drift.window import LEAST_ROWS
from forest_serving.errors import BadLog, ModelMissing
from forest_serving.models import store
from forest_serving.report.batches import Reader
from forest_serving.report.charts import Times
from forest_serving.report.lines import Line, Lines, ends_of, files_of
from forest_serving.report.notable import Notable
from forest_serving.report.shift import Ints, Shift
from forest_serving.report.tally import Span, Tally, width_of
from forest_serving.report.truth import Score, Truth

MOST_PERIODS = 48


@dataclass
class Findings:
    """What was found.

    Attributes:
        tag: of the model whose card the rows are compared with.
        card: that card.
        lines: what was read.
        tally: the counts.
        total: all of them together.
        notable: the slowest and the oddest.
        truth: the labels; None if there were none.
        look: how the rows differ from the training data.
        n_unfit: how many records have an answer that the model does not give.
    """

    tag: str
    card: Card
    lines: Lines
    tally: Tally
    total: Span
    notable: Notable
    truth: Truth | None
    look: Look
    n_unfit: int

    @property
    def times(self) -> Times:
        """The spans of time, in their order."""
        return Times(self.tally.in_order(), self.tally.width_s)

    @property
    def scores(self) -> list[Score]:
        """The score of each span."""
        return [span.score for _, span in self.times.spans]

    @property
    def unlogged(self) -> list[str]:
        """The columns that no record has."""
        absent = self.tally.n_absent >= self.total.n_rows
        return [column.name for column, is_absent in zip(self.tally.shift.columns, absent, strict=False) if is_absent]

    def periods(self) -> list[tuple[float, float, dict[str, float]]]:
        """Return when each period begins and ends that has enough rows to be compared, and each column's PSI in it."""
        least, found = max(LEAST_ROWS, self.total.n_rows // MOST_PERIODS), []
        begin_s, counts, n_rows = self.times.ends[0], np.zeros_like(self.total.counts), 0
        for start_s, span in self.times.spans:
            begin_s = begin_s if n_rows else start_s
            counts, n_rows = counts + span.counts, n_rows + span.n_rows
            if n_rows >= least:
                found.append((begin_s, start_s + self.tally.width_s, self.tally.shift.psi(counts)))
                counts, n_rows = np.zeros_like(counts), 0
        return found


def find(path: Path, model: str, labels: Path | None) -> Findings:
    """Read a log.

    Args:
        path: a folder, or a file.
        model: the model's name, or a tag; if it is empty, the model that answered last.
        labels: a CSV file with what the answers should have been; None if there is none.

    Raises:
        BadLog: if there is no record of the model, or the labels cannot be read.
        ModelMissing, DamagedModel: if the store has not the model.
    """
    name, _, version = model.partition(":")
    files = files_of(path)
    ends = ends_of(files, name.removesuffix("_compiled"))
    if not ends:
        of_model = f' of the model "{name}"' if name else ""
        raise BadLog(f"No file of the log {path} begins or ends with a record{of_model}; give another folder.")
    latest = max(ends, key=lambda line: line.time)
    stored = _stored(latest, version)
    shift, ends = Shift(stored.card), [line for line in ends if line.model == latest.model]
    truth = Truth(labels, stored.card) if labels else None
    tally = Tally(shift, width_of([line.time.timestamp() for line in ends]), truth)
    lines, notable = Lines(files, latest.model), Notable(stored.card)
    n_unfit = _read(lines, Reader(stored.card), tally, notable)
    return Findings(stored.tag, stored.card, lines, tally, tally.total(), notable, truth, _look(shift, tally), n_unfit)


def _read(lines: Lines, reader: Reader, tally: Tally, notable: Notable) -> int:
    """Count all lines; return how many have an answer that the model does not give."""
    n_unfit = 0
    for batch in lines.batches():
        read = reader.read(batch)
        n_unfit += len(batch) - len(read.lines)
        tally.add(read)
        notable.add(read)
    return n_unfit


def _stored(latest: Line, version: str) -> store.Stored:
    """Return the version that was asked for, or that answered last; if the store has it no more, the newest."""
    try:
        return store.read(store.compiled_tag(f"{latest.model}:{version or latest.version}"))
    except ModelMissing:
        if version:
            raise
        return store.read(store.compiled_tag(latest.model))


def _look(shift: Shift, tally: Tally) -> Look:
    spans: Sequence[tuple[float, Ints, int]] = [
        (begin_s + tally.width_s, span.counts, span.n_rows) for begin_s, span in tally.in_order()
    ]
    return shift.look(spans)
