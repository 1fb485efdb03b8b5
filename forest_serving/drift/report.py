"""What GET /drift tells: the window, each feature and the answers, in numbers and in words."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from forest_serving.card import Label
from forest_serving.drift.columns import FIRST, MISSING, ODD, Column
from forest_serving.drift.reference import Difference
from forest_serving.drift.watch import Look, Seen
from forest_serving.drift.window import LEAST_ROWS
from forest_serving.drift.words import column_words, verdict


class Bin(msgspec.Struct, omit_defaults=True):
    """A category, or the numbers above the bin before and up to an end, and which shares of the rows are in it."""

    category: Label | None = None
    up_to: float | None = None
    share: float | None = None
    training_share: float | None = None


class Odd(msgspec.Struct):
    """Values that are missing, unknown or out of range: how many, and which share of the rows."""

    rows: int
    share: float | None
    training_share: float | None


class Distance(msgspec.Struct):
    """How far a column is from its training data: PSI, and the p-value of the χ² test by itself."""

    psi: float
    p_value: float


class ColumnReport(msgspec.Struct):
    """A feature, or the answers; what is null cannot be told."""

    name: str
    drifted: bool | None
    verdict: str
    window: Distance | None
    recent: Distance | None
    missing: Odd
    unknown: Odd
    out_of_range: Odd
    bins: list[Bin]


class WindowReport(msgspec.Struct):
    """The latest rows that were counted, of all workers."""

    rows: int
    of_rows: int
    least_rows: int
    recent_rows: int
    until: str | None


class DriftReport(msgspec.Struct):
    """Whether the latest rows look like the training data."""

    drifted: bool | None
    verdict: str
    window: WindowReport
    features: list[ColumnReport]
    answers: ColumnReport


def report_of(look: Look, of_rows: int) -> DriftReport:
    """Return the report of what there is to see, for a window of so many rows."""
    until = datetime.fromtimestamp(look.until_s, UTC).isoformat(timespec="seconds") if look.until_s else None
    window = WindowReport(look.n_rows, of_rows, LEAST_ROWS, look.n_recent, until)
    *features, answers = map(_column, look.columns)
    return DriftReport(look.has_drifted, verdict(look), window, features, answers)


def _column(seen: Seen) -> ColumnReport:
    column, counts = seen.column, seen.counts
    return ColumnReport(
        name=column.name,
        drifted=seen.has_drifted,
        verdict=column_words(seen),
        window=_distance(seen.whole),
        recent=_distance(seen.recent),
        missing=_odd(counts, column.training, {MISSING}),
        unknown=_odd(counts, column.training, set() if column.ends else {ODD}),
        out_of_range=_odd(counts, column.training, {ODD, column.n_bins - 1} if column.ends else set()),
        bins=_bins(column, counts),
    )


def _distance(difference: Difference | None) -> Distance | None:
    return Distance(difference.psi, difference.spread.alone) if difference else None


def _odd(counts: Sequence[int], training: Sequence[int], bins: set[int]) -> Odd:
    n_rows = sum(counts[place] for place in bins)
    n_training = sum(training[place] for place in bins) if training else None
    return Odd(n_rows, _share(n_rows, sum(counts)), None if n_training is None else _share(n_training, sum(training)))


def _bins(column: Column, counts: Sequence[int]) -> list[Bin]:
    """Return the parts of the training data's range, or the categories; a last one without a name is all others."""
    parts = [Bin(up_to=end) for end in column.ends[1:]] or [Bin(category=label) for label in column.labels]
    parts += [Bin()] * (column.n_bins - FIRST - len(parts) - bool(column.ends))
    return [
        msgspec.structs.replace(
            part,
            share=_share(counts[place], sum(counts)),
            training_share=_share(column.training[place], sum(column.training)) if column.training else None,
        )
        for place, part in enumerate(parts, FIRST)
    ]


def _share(n_some: int, n_rows: int) -> float | None:
    return n_some / n_rows if n_rows else None
