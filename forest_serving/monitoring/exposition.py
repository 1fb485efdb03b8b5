"""Counts as Prometheus reads them. Where BentoML has a name for a metric, it has the same name here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, count
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from forest_serving.card import Card
from forest_serving.errors import RequestError
from forest_serving.monitoring.counts import DURATION_BOUNDS_S, STAGE_BOUNDS_S, Counts, row_bounds
from forest_serving.monitoring.families import buckets, counter
from forest_serving.monitoring.feature_metrics import feature_metrics
from forest_serving.monitoring.model_metrics import model_metrics
from forest_serving.monitoring.others_metrics import OthersMetrics

_STAGES = "Seconds that a stage of a prediction took: read, features (of stored rows), predict, write."
_NO_REFUSALS = dict.fromkeys(["fault", *(kind.__name__ for kind in RequestError.__subclasses__())], 0)
MEDIA_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


class Exposition(Collector):
    """Makes metrics of counts.

    Args:
        card: the model's; None for a service without one.
        service_labels: BentoML's labels of the service.
        model_facts: what is said about the model.
        read: returns the counts.
        folder: where prometheus_client keeps what somebody else may count with it in the same workers.
    """

    def __init__(
        self,
        card: Card | None,
        service_labels: Mapping[str, str],
        model_facts: Mapping[str, str],
        read: Callable[[], Counts],
        folder: Path | None,
    ) -> None:
        self.card = card
        self.features = [feature.name for feature in card.features] if card else []
        self.classes = distinct(card.class_names) if card else []
        self.service_labels = service_labels
        self.model_facts = model_facts
        self.read = read
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)
        self.others = OthersMetrics(folder) if folder else None

    def describe(self) -> list[Metric]:
        """Return nothing; prometheus_client would otherwise collect once to learn the names."""
        return []

    def render(self) -> bytes:
        """Return all metrics as text."""
        return generate_latest(self.registry) + (self.others.text.get() if self.others else b"")

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        counts = self.read()
        yield from self._requests(counts)
        if self.card:
            yield from self._predictions(counts)
            yield from model_metrics(self.card, self.model_facts)
        yield from _usage(counts)
        yield from self._refusals(counts)
        if counts.features:
            yield from feature_metrics(counts.features)

    def _requests(self, counts: Counts) -> Iterator[Metric]:
        names, values = list(self.service_labels), list(self.service_labels.values())
        name, by = "bentoml_service_request", ["endpoint", "http_response_code", *names]
        requests = CounterMetricFamily(name, "Requests answered.", labels=by)
        durations = HistogramMetricFamily(
            f"{name}_duration_seconds", "Seconds from a request's header to its reply.", labels=by
        )
        for endpoint, statuses in counts.durations_s.items():
            for status, histogram in statuses.items():
                requests.add_metric([endpoint, str(status), *values], sum(histogram[:-1]))
                durations.add_metric([endpoint, str(status), *values], *buckets(histogram, DURATION_BOUNDS_S))
        yield from (requests, durations)
        stages = HistogramMetricFamily("forest_stage_seconds", _STAGES, labels=["stage"])
        for stage, histogram in counts.stages_s.items():
            stages.add_metric([stage], *buckets(histogram, STAGE_BOUNDS_S))
        yield stages
        for gauge, help, value in (
            ("request_in_progress", "Requests being answered.", counts.n_in_progress),
            ("last_request_timestamp_seconds", "When the last request came.", counts.last_request_s),
        ):
            family = GaugeMetricFamily(f"bentoml_service_{gauge}", help, labels=names)
            family.add_metric(values, value)
            yield family

    def _predictions(self, counts: Counts) -> Iterator[Metric]:
        rows = HistogramMetricFamily("forest_request_rows", "Rows in a request.", labels=[])
        rows.add_metric([], *buckets(counts.rows, row_bounds(len(counts.rows) - 2)))
        yield rows
        yield self._answers(counts)
        features = dict(zip(self.features, counts.out_of_range, strict=True))
        help = "Values of this feature outside its range in the training data."
        yield counter("forest_out_of_range_values", help, "feature", features)

    def _refusals(self, counts: Counts) -> Iterator[Metric]:
        yield counter("forest_refusals", "Requests refused, by error.", "reason", _NO_REFUSALS | counts.refusals)
        for name, help, value in (
            ("forest_log_lines_dropped", "Lines of workers' logs that were lost.", counts.log_lines_dropped),
            ("forest_prediction_log_rows", "Rows that the prediction log has.", counts.rows_logged),
        ):
            yield CounterMetricFamily(name, help, value=value)
        help = "Rows that the prediction log was to have and has not, by reason."
        yield counter("forest_prediction_log_dropped", help, "reason", counts.rows_unlogged)

    def _answers(self, counts: Counts) -> Metric:
        """Return how often each class was the answer; of a regressor, number and sum of its answers."""
        if self.classes:
            classes = dict(zip(self.classes, counts.predictions, strict=True))
            return counter("forest_predictions", "Rows answered with this class.", "class", classes)
        help = "Numbers that a regressor predicted. Where some are negative, the sum can fall: use delta(), not rate()."
        return SummaryMetricFamily("forest_predicted_value", help, int(counts.rows[-1]), counts.predicted_sum)


def _usage(counts: Counts) -> Iterator[Metric]:
    yield GaugeMetricFamily("forest_workers", "Workers that answer requests.", value=counts.n_workers)
    yield CounterMetricFamily("forest_worker_cpu_seconds", "Processor time of all workers.", value=counts.cpu_s)
    yield GaugeMetricFamily("forest_worker_memory_bytes", "Memory of all workers.", value=counts.memory_bytes)


def distinct(names: Sequence[str]) -> list[str]:
    """Return names of which no two are equal, as two series with the same labels are an error in Prometheus."""
    found: dict[str, None] = {}
    for name in names:
        candidates = chain([name], (f"{name} ({n})" for n in count(2)))
        found[next(each for each in candidates if each not in found)] = None
    return list(found)
