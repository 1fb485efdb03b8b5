"""What Prometheus is told of drift; what cannot be told is left out."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from forest_serving.drift.columns import FIRST, MISSING, ODD
from forest_serving.drift.watch import Look, Seen
from forest_serving.monitoring.exposition import distinct

Samples = Iterable[tuple[str, float | None]]


class DriftGauges(Collector):
    """Makes gauges of a look.

    Args:
        look: returns what there is to see.
        class_names: of the model's classes; none for a regressor.
    """

    def __init__(self, look: Callable[[], Look], class_names: list[str]) -> None:
        self._look = look
        self._class_names = distinct(class_names)

    def describe(self) -> list[Metric]:
        """Return nothing, as Exposition does."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every gauge."""
        look = self._look()
        names = distinct([seen.column.name for seen in look.columns])
        columns = list(zip(names, look.columns, strict=True))
        rows = GaugeMetricFamily("forest_drift_window_rows", "Latest rows that are compared with the training data.")
        rows.add_metric([], look.n_rows)
        yield rows
        yield _gauge("detected", "1 where a feature's latest rows have drifted, else 0.", _of(columns, _detected))
        yield _gauge("psi", "Population stability index of a feature's latest rows.", _of(columns, _psi))
        yield _gauge("p_value", "p-value of the χ² test of a feature's latest rows.", _of(columns, _p_value))
        yield _gauge("missing_share", "Share of the latest rows without a value.", _of(columns, _missing))
        yield _gauge("odd_share", "Share of the latest rows out of range or of unknown category.", _of(columns, _odd))
        if self._class_names:
            yield _gauge(
                "class_share", "Share of the latest rows answered with this class.", self._classes(look), "class"
            )

    def _classes(self, look: Look) -> Samples:
        column, counts = look.columns[-1].column, look.columns[-1].counts
        for name, place in zip(self._class_names, column.bins, strict=False):
            if place - FIRST < len(column.labels):
                yield name, _share(counts[place], counts)


def _of(columns: Iterable[tuple[str, Seen]], value: Callable[[Seen], float | None]) -> Samples:
    return ((name, value(seen)) for name, seen in columns)


def _detected(seen: Seen) -> float | None:
    return None if seen.has_drifted is None else float(seen.has_drifted)


def _psi(seen: Seen) -> float | None:
    return seen.whole.psi if seen.whole else None


def _p_value(seen: Seen) -> float | None:
    return seen.whole.spread.alone if seen.whole else None


def _missing(seen: Seen) -> float | None:
    return _share(seen.counts[MISSING], seen.counts)


def _odd(seen: Seen) -> float | None:
    n_above = seen.counts[-1] if seen.column.ends else 0
    return _share(seen.counts[ODD] + n_above, seen.counts)


def _share(n_some: int, counts: list[int]) -> float | None:
    n_rows = sum(counts)
    return n_some / n_rows if n_rows else None


def _gauge(name: str, help: str, samples: Samples, label: str = "feature") -> Metric:
    family = GaugeMetricFamily(f"forest_drift_{name}", help, labels=[label])
    for key, value in samples:
        if value is not None:
            family.add_metric([key], value)
    return family
