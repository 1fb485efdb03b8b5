"""How good a model is, as sections of a page of Markdown: out of the report of its card."""

from collections.abc import Iterator, Mapping
from typing import Any

from forest_serving.card import Card
from forest_serving.models.words import cell, number, table

Section = tuple[str, str]  # a heading, and what stands below it
_WORDS = {
    "accuracy": "accuracy",
    "recall": "macro recall",
    "f1": "macro F1",
    "auc": "macro one-vs-rest AUC",
    "log_loss": "log loss",
    "brier": "Brier score",
    "r2": "R²",
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
}
_SPLIT = {
    "how": "hold-out",
    "holdout_rows": "rows of the hold-out",
    "holdout_share": "share of all rows",
    "training_rows": "rows learned from",
    "stratified": "the classes' shares kept",
    "seed": "seed",
    "holdout_rows_also_in_training_data": "rows of it that are in the training data, too",
    "holdout_sha256": "SHA-256 of the hold-out",
}
_UNKNOWN = (
    "Saved without evaluation: how good its answers are is not known. `forest_serving.save(…, test=(X_test, y_test))`"
    " finds it out, and so does `python -m forest_serving save … --test FILE.csv`."
)


def evaluation(card: Card) -> Iterator[Section]:
    """Yield what is known of how good a model is."""
    report = card.report
    if "holdout" not in report:
        yield "## Evaluation", _UNKNOWN
        return
    yield "## Split", table(("", ""), _split(report))
    yield "## Scores", _scores(report)
    yield "## Calibration", _calibration(report["holdout"].get("calibration"))
    yield "## Confusion", _confusion(card, report["holdout"])
    yield "## Classes", _classes(card, report["holdout"].get("per_class", {}))
    yield "## Errors", _errors(report["holdout"])
    yield "## Importance", _importance(report)


def _split(report: Mapping[str, Any]) -> Iterator[Section]:
    split = report.get("split", {"holdout_rows": report["holdout"]["rows"]})
    for name, words in _SPLIT.items():
        if name in split:
            value = split[name]
            yield words, ("yes" if value is True else value if isinstance(value, str) else number(value))
    if folds := report.get("cross_validation"):
        yield "cross-validation", f"{folds['folds']} folds, {folds['repeats']} times, on all rows"


def _scores(report: Mapping[str, Any]) -> str:
    estimates = {"hold-out": report["holdout"], "cross-validation": report.get("cross_validation")}
    rows = [
        (of, words, number(known[measure]), _interval(known.get(f"{measure}_95_interval")) or "–")
        for of, known in estimates.items()
        for measure, words in _WORDS.items()
        if known and measure in known
    ]
    found = table(("estimated by", "score", "value", "95 % interval"), rows)
    if share := report.get("commonest_class_share"):
        found += f"\n\nAlways answering the commonest class would be right for {share:.1%} of the rows."
    return found


def _calibration(found: Mapping[str, Any] | None) -> str:
    if not found:
        return ""
    told = f"The probability of {cell(found['of'])} is {found['predicted']:.3f} on average, and came true for"
    error = f"{found['true']:.3f} of the hold-out. Expected calibration error: {found['expected_error']:.3f}."
    rows = [
        (
            f"{each['from']:.1f} to {each['to']:.1f}",
            f"{each['predicted']:.3f}",
            f"{each['true']:.3f}",
            _interval(each["true_95_interval"]),
            f"{each['rows']:,}",
        )
        for each in found["bins"]
    ]
    return f"{told} {error}\n\n" + table(("probability", "mean", "came true", "95 % interval", "rows"), rows)


def _confusion(card: Card, holdout: Mapping[str, Any]) -> str:
    counts, known = holdout.get("confusion_matrix"), card.class_names
    if not counts:
        return ""
    rows = [(name, *(f"{n:,}" for n in line)) for name, line in zip(known, counts, strict=True)]
    return "Rows of the hold-out; each line is a true class.\n\n" + table(("true \\ answered", *map(cell, known)), rows)


def _classes(card: Card, scores: Mapping[str, Any]) -> str:
    known = [(name, scores[name]) for name in card.class_names if name in scores]
    rows = [(name, f"{each['precision']:.3f}", f"{each['recall']:.3f}", f"{each['rows']:,}") for name, each in known]
    return table(("class", "precision", "recall", "rows"), rows) if rows else ""


def _errors(holdout: Mapping[str, Any]) -> str:
    if "by_answer" not in holdout:
        return ""
    quantiles = [(f"{each['share']:.0%}", number(each["error"])) for each in holdout["error_quantiles"]]
    parts = [(number(each["predicted"]), number(each["true"]), number(each["rows"])) for each in holdout["by_answer"]]
    told = table(("rows with at most this error", "answer less truth"), quantiles)
    return told + "\n\n" + table(("mean answer", "mean truth", "rows"), parts)


def _importance(report: Mapping[str, Any]) -> str:
    losses = report.get("permutation_importance")
    if not losses:
        return "Not estimated."
    of = report.get("permutation_importance_of", "how often was not kept")
    lost = "accuracy" if "accuracy" in report else "R²"
    rows = sorted(losses.items(), key=lambda each: (-each[1], each[0]))
    told = f"How much {lost} is lost when the column is shuffled; {of}."
    return told + "\n\n" + table(("feature", "lost"), [(name, f"{loss:.4f}") for name, loss in rows])


def _interval(ends: Any) -> str:
    return f"{number(ends[0])} to {number(ends[1])}" if ends else ""
