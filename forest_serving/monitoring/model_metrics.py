"""What is told of the served model."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from forest_serving.card import Card


def model_metrics(card: Card, facts: Mapping[str, str]) -> Iterator[Metric]:
    """Yield every metric of a model.

    Args:
        card: the model's.
        facts: what is said about it, in labels.
    """
    info = GaugeMetricFamily("forest_model_info", "1, for the served model.", labels=list(facts))
    info.add_metric(list(facts.values()), 1)
    yield info
    if (saved_s := _saved_s(card)) is not None:
        yield GaugeMetricFamily("forest_model_saved_timestamp_seconds", "When the model was saved.", value=saved_s)


def _saved_s(card: Card) -> float | None:
    """Return when a model was saved, in seconds since 1970; None if its card does not say so."""
    with suppress(TypeError, ValueError):
        return datetime.fromisoformat(card.provenance.get("saved_at")).timestamp()  # type: ignore[arg-type]
    return None
