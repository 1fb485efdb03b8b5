"""Queries of Prometheus, of the jobs and instances that a dashboard's reader has chosen."""

OF = 'job=~"$job", instance=~"$instance"'


def now(metric: str) -> str:
    """Return the values of a gauge."""
    return f"{metric}{{{OF}}}"


def per_second(metric: str, by: str = "", labels: str = "") -> str:
    """Return how much a counter grows in a second, summed over all series with equal labels.

    Args:
        metric: its name.
        by: the labels, with commas.
        labels: which series, by other labels.
    """
    chosen = ", ".join(filter(None, (OF, labels)))
    return f"sum by ({by}) (rate({metric}{{{chosen}}}[$__rate_interval]))"


def over(above: str, below: str) -> str:
    """Return a quotient; nothing where it would be no number."""
    return f"{above} / ({below} > 0)"


def share(metric: str, by: str) -> str:
    """Return which share of a counter's growth has each value of a label."""
    return f"{per_second(metric, by)} / scalar({per_second(metric)} > 0)"


def quantile(rank: float, histogram: str, by: str = "") -> str:
    """Return a quantile for each value of a label; nothing where nothing happened."""
    return f"histogram_quantile({rank}, {per_second(f'{histogram}_bucket', ', '.join(filter(None, ('le', by))))}) >= 0"


def mean(histogram: str) -> str:
    """Return the mean of what was observed, whose sum can fall."""
    total, n = (f"sum(delta({histogram}_{part}{{{OF}}}[$__rate_interval]))" for part in ("sum", "count"))
    return over(total, n)


BUSY = f"{per_second('forest_worker_cpu_seconds_total', 'instance')} / sum by (instance) ({now('forest_workers')})"
AGE = f"time() - {now('forest_model_saved_timestamp_seconds')}"
DRIFTED = f"count(max by (feature) ({now('forest_drift_detected')}) == 1) or vector(0)"
