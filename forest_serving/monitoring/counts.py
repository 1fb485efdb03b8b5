"""What one worker has counted, in JSON's types, and the sum over several workers."""

import operator
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, count
from typing import Annotated, Any

import msgspec
import numpy as np

from forest_serving.card import Card
from forest_serving.features.tally import ORIGINS, OUTCOMES
from forest_serving.stages import STAGES

DURATION_BOUNDS_S = (5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
AGE_BOUNDS_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
STAGE_BOUNDS_S = (1e-6, 2e-6, 5e-6, 1e-5, 2e-5, *DURATION_BOUNDS_S)  # most stages take less than most requests
_BOUNDS_S = np.array(DURATION_BOUNDS_S)
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]  # these bounds are checked where a file is read
Status = Annotated[int, msgspec.Meta(ge=100, le=599)]
Histogram = list[float]  # how many values fell up to each bound, how many above the last, and the sum of all


class FeatureCounts(msgspec.Struct):
    """What is counted where rows are asked for by id; n_waiting and n_down also fall.

    Attributes:
        fetches: how many fetches ended how.
        ids: how many ids came from where.
        fetch_s: a histogram of the fetches' durations.
        ages_s: a histogram of the age of what was used again, the oldest of each request.
        n_waiting: how many ids wait for the store.
        n_down: how many workers could not ask it when they last tried.
    """

    fetch_s: Histogram
    ages_s: Histogram
    fetches: dict[str, Number] = {}
    ids: dict[str, Number] = {}
    n_waiting: Number = 0
    n_down: Number = 0


class Piece(msgspec.Struct, array_like=True, frozen=True):
    """Consecutive rows.

    Attributes:
        end_s: when the last of them was counted, in seconds since 1970.
        n_rows: how many there are.
        counts: how many of them fell into each bin, whatever the bins are.
    """

    end_s: float
    n_rows: Number
    counts: list[Number]


class Counts(msgspec.Struct):
    """Numbers that only grow, except n_in_progress, n_workers and memory_bytes, and the latest rows.

    Attributes:
        durations_s: a histogram for each endpoint and status.
        rows: a histogram of rows per request, up to each of row_bounds().
        predictions: how often each class was the answer, in the card's order; empty for a regressor.
        rows_logged: how many rows the prediction log has.
        rows_unlogged: how many it was to have and has not, by reason.
        predicted_sum: the sum of a regressor's answers, whose number is that of all rows.
        stages_s: a histogram for each stage of those that predict.
        out_of_range: for each feature, how many values were outside the training data's range.
        refusals: how many requests each error refused.
        last_request_s: when the last request came, in seconds since 1970.
        n_in_progress: how many requests are being answered.
        log_lines_dropped: how many lines of the log could not be written.
        n_workers: how many workers there are.
        cpu_s: processor time that they took.
        memory_bytes: memory that they have.
        features: of rows that are asked for by id; None where that is off.
        pieces: the latest rows, the oldest first.
    """

    predictions: list[Number]
    out_of_range: list[Number]
    rows: Histogram
    durations_s: dict[str, dict[Status, Histogram]] = {}
    refusals: dict[str, Number] = {}
    last_request_s: float = 0.0
    n_in_progress: Number = 0
    log_lines_dropped: Number = 0
    n_workers: Number = 0
    cpu_s: float = 0.0
    memory_bytes: Number = 0
    rows_logged: Number = 0
    rows_unlogged: dict[str, Number] = {}
    predicted_sum: float = 0.0
    features: FeatureCounts | None = None
    stages_s: dict[str, Histogram] = {}
    pieces: list[Piece] = []

    def shape(self) -> tuple[int, ...]:
        """Return what two counts must have in common to be added: how many classes, features and bounds."""
        by_id = (len(self.features.fetch_s), len(self.features.ages_s)) if self.features else ()
        bounds = {len(histogram) for statuses in self.durations_s.values() for histogram in statuses.values()}
        others = bounds - {len(DURATION_BOUNDS_S) + 2}
        stages = [len(histogram) for histogram in self.stages_s.values()]
        return (len(self.predictions), len(self.out_of_range), len(self.rows), *stages, *by_id, *others)


def no_counts(card: Card | None, most_rows: int) -> Counts:
    """Return the counts of a model that nobody has asked yet, with requests of up to most_rows rows to come."""
    if card is None:
        return Counts([], [], empty(row_bounds(1)))
    n_bounds = next(n for n in count(1) if row_bounds(n)[-1] >= most_rows)
    stages_s = {stage: empty(STAGE_BOUNDS_S) for stage in STAGES}
    rows = empty(row_bounds(n_bounds))
    return Counts([0] * len(card.classes), [0] * len(card.features), rows, stages_s=stages_s)


def no_feature_counts() -> FeatureCounts:
    """Return the counts of a store that nobody has asked yet."""
    fetches, ids = dict.fromkeys(OUTCOMES, 0), dict.fromkeys(ORIGINS, 0)
    return FeatureCounts(empty(DURATION_BOUNDS_S), empty(AGE_BOUNDS_S), fetches, ids)


def left_by_the_dead(counts: Counts) -> Counts:
    """Return the counts of a worker that is no more."""
    features = counts.features and msgspec.structs.replace(counts.features, n_waiting=0, n_down=0)
    return msgspec.structs.replace(counts, n_in_progress=0, n_workers=0, memory_bytes=0, features=features)


def row_bounds(n_bounds: int) -> tuple[float, ...]:
    """Return the bounds of a histogram of rows: 1, 2, 5, 10, 20, 50 and so on."""
    return tuple((1.0, 2.0, 5.0)[n % 3] * 10.0 ** (n // 3) for n in range(n_bounds))


def empty(bounds: Sequence[float]) -> Histogram:
    """Return a histogram of nothing."""
    return [0.0] * (len(bounds) + 2)


def observe_durations(histogram: Histogram, values_s: Sequence[float]) -> None:
    """Add durations, of which no two need be equal, to a histogram of them."""
    places = _BOUNDS_S.searchsorted(values_s)
    add(histogram, np.bincount(places, minlength=len(_BOUNDS_S) + 1).tolist(), sum(values_s))


def add(histogram: Histogram, n_values: Sequence[float], sum_of_values: float) -> None:
    """Add to a histogram how many values fell up to each bound and above the last, and their sum."""
    histogram[:] = map(operator.add, histogram, (*n_values, sum_of_values))


def observe(histogram: Histogram, bounds: Sequence[float], values: Sequence[float]) -> None:
    """Add values to a histogram, many of which are equal."""
    for value, n_values in Counter(values).items():
        histogram[bisect_left(bounds, value)] += n_values
        histogram[-1] += value * n_values


def total(all_counts: Sequence[Counts]) -> Counts:
    """Return the sum of several workers' counts."""
    return _add(all_counts)  # type: ignore[no-any-return]


def _add(values: Sequence[Any]) -> Any:
    """Add numbers, lists item by item, mappings and structs key by key, but for what _TOGETHER says."""
    if isinstance(values[0], msgspec.Struct):
        return type(values[0])(**_add([msgspec.structs.asdict(value) for value in values]))
    if isinstance(values[0], Mapping):
        keys = dict.fromkeys(key for value in values for key in value)
        found = {key: [value[key] for value in values if key in value] for key in keys}
        return {key: _TOGETHER.get(key, _add)(each) for key, each in found.items()}
    if values[0] is None:
        return None
    if isinstance(values[0], list):
        return [_add(column) for column in zip(*values, strict=True)]
    return sum(values)


_TOGETHER: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "last_request_s": max,
    "pieces": lambda of_workers: list(chain.from_iterable(of_workers)),
}
