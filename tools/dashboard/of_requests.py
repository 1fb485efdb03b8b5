"""What a dashboard shows of requests: how many, how fast, where their time goes, and what can run out."""

from tools.dashboard.parts import Part, number, panel, stacked
from tools.dashboard.promql import AGE, BUSY, DRIFTED, now, over, per_second, quantile, share

REQUESTS, SECONDS = "bentoml_service_request_total", "bentoml_service_request_duration_seconds"
REFUSALS, STAGES = "forest_refusals_total", "forest_stage_seconds"
FAILED = 'reason=~"fault|BuffersFull|SourceDown|SourceBusy|SourceTooSlow"'
NO_ROOM = 'reason=~"BuffersFull|TooManyUploads|SourceBusy"'
DAY_S = 86_400


def latest() -> list[Part]:
    """Return what is looked at first."""
    failed = over(per_second(REFUSALS, labels=FAILED), per_second(REQUESTS))
    return [
        number("Requests", "Requests a second, of all kinds.", "reqps", per_second(REQUESTS)),
        number("Failed", "Share of the requests that the service failed on.", "percentunit", failed, 0.001, 0.01),
        number("p99", "99 of 100 requests took no longer.", "s", quantile(0.99, SECONDS), 0.05, 0.1),
        number("Busy", "How much of the time the busiest workers compute.", "percentunit", f"max({BUSY})", 0.5, 0.8),
        number("Drifted", "How many features drift, with the answers as one.", "none", DRIFTED, 1),
        number("Age", "How long ago the oldest served model was saved.", "s", f"max({AGE})", 60 * DAY_S, 90 * DAY_S),
    ]


def traffic() -> list[Part]:
    """Return who asks for what, and what he gets."""
    times = {"p50": quantile(0.5, SECONDS), "p99": quantile(0.99, SECONDS)}
    by_endpoint, by_status = per_second(REQUESTS, "endpoint"), per_second(REQUESTS, "http_response_code")
    return [
        stacked("Requests by endpoint", "Requests a second.", "reqps", {"{{endpoint}}": by_endpoint}),
        stacked("Replies by status", "Replies a second.", "reqps", {"{{http_response_code}}": by_status}),
        panel(
            "Refusals",
            "Refused requests a second, by error.",
            "reqps",
            {"{{reason}}": f"{per_second(REFUSALS, 'reason')} > 0 or {per_second(REFUSALS)}"},
        ),
        panel("Time of a request", "From its header to its reply.", "s", times),
        panel(
            "p99 by endpoint", "99 of 100 took no longer.", "s", {"{{endpoint}}": quantile(0.99, SECONDS, "endpoint")}
        ),
        stacked(
            "Rows",
            "Rows a second that predictions were asked for.",
            "rps",
            {"{{instance}}": per_second("forest_request_rows_sum", "instance")},
        ),
    ]


def stages() -> list[Part]:
    """Return where the time of a prediction goes."""
    return [
        stacked(
            "Share of the time",
            "Of all stages of predictions.",
            "percentunit",
            {"{{stage}}": share(f"{STAGES}_sum", "stage")},
            max=1,
        ),
        panel(
            "Mean time of a stage",
            "Of each prediction.",
            "s",
            {"{{stage}}": over(per_second(f"{STAGES}_sum", "stage"), per_second(f"{STAGES}_count", "stage"))},
        ),
        panel("p99 of a stage", "99 of 100 took no longer.", "s", {"{{stage}}": quantile(0.99, STAGES, "stage")}),
    ]


def saturation() -> list[Part]:
    """Return what can run out."""
    memory, going_on = now("forest_worker_memory_bytes"), now("bentoml_service_request_in_progress")
    return [
        panel(
            "Busy",
            "How much of the time workers compute: at 1 they can do no more.",
            "percentunit",
            {"{{instance}}": BUSY},
        ),
        stacked("Memory", "Of workers.", "bytes", {"{{instance}}": memory}),
        stacked("Requests in progress", "That are being answered, or wait.", "none", {"{{instance}}": going_on}),
        panel(
            "Refused for want of room",
            "Refused requests a second, by the limit that was reached.",
            "reqps",
            {"{{reason}}": per_second(REFUSALS, "reason", NO_ROOM)},
        ),
        panel("Workers", "That answer requests.", "none", {"{{instance}}": now("forest_workers")}),
        panel(
            "Instances",
            "That answer Prometheus.",
            "none",
            {"{{job}}": 'sum by (job) (up{job=~"$job", instance=~"$instance"})'},
        ),
    ]
