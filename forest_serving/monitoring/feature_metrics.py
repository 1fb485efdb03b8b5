"""What is told where rows are asked for by id."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric

from forest_serving.monitoring.counts import AGE_BOUNDS_S, DURATION_BOUNDS_S, FeatureCounts
from forest_serving.monitoring.families import buckets, counter

_SECONDS = "Seconds for which the store of features was waited for, however that ended."
_AGES = "Age of the oldest features from the cache in a request that used some."


def feature_metrics(counts: FeatureCounts) -> Iterator[Metric]:
    """Yield every metric of features."""
    yield counter(
        "forest_feature_fetches", "Times that the store was asked, by how that ended.", "outcome", counts.fetches
    )
    yield counter("forest_feature_ids", "Ids that were looked for, by where features came from.", "origin", counts.ids)
    for name, help, histogram, bounds in (
        ("forest_feature_fetch_seconds", _SECONDS, counts.fetch_s, DURATION_BOUNDS_S),
        ("forest_feature_cache_age_seconds", _AGES, counts.ages_s, AGE_BOUNDS_S),
    ):
        family = HistogramMetricFamily(name, help, labels=[])
        family.add_metric([], *buckets(histogram, bounds))
        yield family
    up = int(not counts.n_down)
    help = "0 if a worker could not ask the store when it last tried, else 1."
    yield GaugeMetricFamily("forest_feature_source_up", help, value=up)
    yield GaugeMetricFamily("forest_feature_ids_waiting", "Ids that wait for the store.", value=counts.n_waiting)
