"""What one worker has counted, in JSON's types, and the sum over several workers."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

DURATION_BOUNDS_S = (5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
ROW_BOUNDS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0)
Histogram = list[float]  # how many values fell up to each bound, how many above the last, and the sum of all


class Counts(msgspec.Struct):
    """Numbers that only grow, except n_in_progress.

    Attributes:
        durations_s: a histogram for each endpoint and status.
        rows: a histogram of rows per request.
        predictions: how often each class was the answer.
        out_of_range: for each feature, how many values were outside the training data's range.
        refusals: how many requests each error refused.
        last_request_s: when the last request came, in seconds since 1970.
        n_in_progress: how many requests are being answered.
    """

    predictions: list[int]
    out_of_range: list[int]
    durations_s: dict[str, dict[int, Histogram]] = {}
    rows: Histogram = msgspec.field(default_factory=lambda: empty(ROW_BOUNDS))
    refusals: dict[str, int] = {}
    last_request_s: float = 0.0
    n_in_progress: int = 0


def empty(bounds: Sequence[float]) -> Histogram:
    """Return a histogram of nothing."""
    return [0.0] * (len(bounds) + 2)


def observe(histogram: Histogram, bounds: Sequence[float], values: Sequence[float]) -> None:
    """Add values to a histogram."""
    for value, n_values in Counter(values).items():
        histogram[bisect_left(bounds, value)] += n_values
        histogram[-1] += value * n_values


def total(all_counts: Sequence[Counts]) -> Counts:
    """Return the sum of several workers' counts."""
    return msgspec.convert(_add([msgspec.to_builtins(counts) for counts in all_counts]), Counts)


def _add(values: Sequence[Any]) -> Any:
    """Add numbers, lists item by item and mappings key by key; the last request is the latest one."""
    if isinstance(values[0], Mapping):
        keys = dict.fromkeys(key for value in values for key in value)
        found = {key: [value[key] for value in values if key in value] for key in keys}
        return {key: max(each) if key == "last_request_s" else _add(each) for key, each in found.items()}
    if isinstance(values[0], list):
        return [_add(column) for column in zip(*values, strict=True)]
    return sum(values)
