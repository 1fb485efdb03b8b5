"""Counts in the words of prometheus_client."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from prometheus_client.core import CounterMetricFamily, Metric

from forest_serving.monitoring.counts import Histogram


def counter(name: str, help: str, label: str, values: Mapping[str, Any]) -> Metric:
    """Return a counter with a value for each value of a label."""
    family = CounterMetricFamily(name, help, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def buckets(histogram: Histogram, bounds: Sequence[float]) -> tuple[list[tuple[str, float]], float]:
    """Return a histogram as prometheus_client wants it: cumulative, with the bounds as text, and the sum."""
    names = [str(bound) for bound in bounds] + ["+Inf"]
    return list(zip(names, accumulate(histogram[:-1]), strict=True)), histogram[-1]
