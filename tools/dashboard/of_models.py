"""What a dashboard shows of models: answers, drift, the store of features, who serves which model, what logs miss."""

from functools import partial

from tools.dashboard.parts import Part, panel, stacked, table
from tools.dashboard.promql import AGE, mean, now, per_second, quantile

FETCHES, IDS = "forest_feature_fetch_seconds", "forest_feature_ids_total"


def answers() -> list[Part]:
    """Return what is predicted; a classifier has no numbers, and a regressor no classes."""
    return [
        stacked(
            "Classes",
            "Of a classifier: rows a second with each answer.",
            "rps",
            {"{{class}}": per_second("forest_predictions_total", "class")},
        ),
        panel(
            "Mean prediction",
            "Of a regressor.",
            "none",
            {"mean": mean("forest_predicted_value")},
            defaults={"min": None},
        ),
        panel(
            "Out of range",
            "Values a second outside the training data's range, by feature.",
            "cps",
            {"{{feature}}": per_second("forest_out_of_range_values_total", "feature")},
        ),
    ]


def drift() -> list[Part]:
    """Return how the latest rows differ from the training data; of several replicas the one where they differ most."""

    def most(metric: str, label: str = "feature") -> dict[str, str]:
        return {f"{{{{{label}}}}}": f"max by ({label}) ({now(f'forest_drift_{metric}')})"}

    shares = partial(panel, unit="percentunit", defaults={"max": 1})
    return [
        panel("Drifted", "1 where the latest rows have drifted.", "none", most("detected"), defaults={"max": 1}),
        panel("PSI", "Population stability index: below 0.1 there is no drift.", "none", most("psi")),
        stacked(
            "Answers",
            "Of a classifier: share of the latest rows with each class, over all replicas.",
            "percentunit",
            {"{{class}}": f"avg by (class) ({now('forest_drift_class_share')})"},
            max=1,
        ),
        shares("Missing", "Share of the latest rows without a value.", queries=most("missing_share")),
        shares("Odd", "Share of the latest rows out of range, or of unknown category.", queries=most("odd_share")),
        panel(
            "Compared rows",
            "The latest rows of each instance; below 200 nothing can be told.",
            "none",
            {"{{instance}}": now("forest_drift_window_rows")},
        ),
    ]


def rows_by_id() -> list[Part]:
    """Return how the store of features does, where there is one."""
    waits = {"p50": quantile(0.5, FETCHES), "p99": quantile(0.99, FETCHES)}
    return [
        panel(
            "Store of features",
            "1 where it can be asked.",
            "none",
            {"{{instance}}": now("forest_feature_source_up")},
            defaults={"max": 1},
        ),
        panel("Time of a question", "For which the store was waited for; none where it is a folder.", "s", waits),
        stacked(
            "Ids", "Ids a second, by where their features came from.", "cps", {"{{origin}}": per_second(IDS, "origin")}
        ),
        panel(
            "Questions",
            "Questions a second, by how they ended.",
            "cps",
            {"{{outcome}}": per_second("forest_feature_fetches_total", "outcome")},
        ),
        panel(
            "Waiting ids",
            "That the store has been asked for.",
            "none",
            {"{{instance}}": now("forest_feature_ids_waiting")},
        ),
        panel(
            "Age of what was used again",
            "99 of 100 requests used nothing older from the cache.",
            "s",
            {"p99": quantile(0.99, "forest_feature_cache_age_seconds")},
        ),
    ]


def models() -> list[Part]:
    """Return which model each instance serves, and what the logs miss."""
    shown = {"instance": "instance", "tag": "model", "engine": "engine", "accuracy": "accuracy", "Value": "age"}
    return [
        table(
            "Models",
            "Which model each instance serves, and how long ago it was saved.",
            "s",
            f"{now('forest_model_info')} * on (job, instance) group_left () ({AGE})",
            shown,
        ),
        panel(
            "Lost lines of the log",
            "Lines a second.",
            "cps",
            {"{{instance}}": per_second("forest_log_lines_dropped_total", "instance")},
        ),
        panel(
            "Rows in the prediction log",
            "Rows a second.",
            "rps",
            {"{{instance}}": per_second("forest_prediction_log_rows_total", "instance")},
        ),
        panel(
            "Rows missing in the prediction log",
            "Rows a second, by reason.",
            "rps",
            {"{{reason}}": f"{per_second('forest_prediction_log_dropped_total', 'reason')} or vector(0)"},
        ),
    ]
