"""A training report as text for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from forest_serving.training.gates import WORDS
from forest_serving.training.number_scores import WORDS as NUMBER_WORDS

_MOST_CLASSES = 12  # that fit beside each other
_MOST_COLUMNS = 20
_NAME_WIDTH = 16
_TOO_MANY = "there are too many columns (--evaluate thorough)"


def report_text(report: Mapping[str, Any]) -> str:
    """Return the report of training.evaluate, as lines for a terminal."""
    if not report:
        return "not evaluated (--no-evaluate)"
    judged = _numbers if "rmse" in report else _classes
    return "\n".join([*_estimates(report), *judged(report["holdout"]), *_importances(report)])


def _estimates(report: Mapping[str, Any]) -> Iterator[str]:
    if "accuracy" not in report:
        return
    folds = report.get("cross_validation")
    if folds:
        yield f"accuracy {_share(folds)}, {folds['folds']}-fold cross-validation, {_times(folds['repeats'])}"
    elif "seed" in report["split"]:
        yield "no cross-validation: on so many rows it takes long, and the hold-out says enough (--evaluate thorough)"
    yield f"accuracy {_share(report['holdout'])}, hold-out of {report['holdout']['rows']:,} rows"
    yield ", ".join(f"{words} {report[key]:.3f}" for key, words in list(WORDS.items())[1:] if key in report)
    yield _calibration(report["holdout"]["calibration"])
    if report["accuracy"] <= (share := report["commonest_class_share"]):
        yield f"Always answering the commonest class would be right as often: for {share:.3f} of all rows."


def _calibration(found: Mapping[str, Any]) -> str:
    told = f"calibration: probability of {found['of'][:40]} {found['predicted']:.3f} on average"
    return f"{told}, true for {found['true']:.3f}; expected calibration error {found['expected_error']:.3f}"


def _numbers(holdout: Mapping[str, Any]) -> Iterator[str]:
    for measure, words in NUMBER_WORDS.items():
        if measure in holdout:
            low, high = holdout[f"{measure}_95_interval"]
            yield f"{words} {holdout[measure]:.4g} (95 % interval {low:.4g} to {high:.4g})"
    errors = ", ".join(f"{each['share']:.0%} {each['error']:.4g}" for each in holdout["error_quantiles"])
    yield f"answers less the truth, quantiles: {errors}; hold-out of {holdout['rows']:,} rows"


def _classes(holdout: Mapping[str, Any]) -> Iterator[str]:
    names, scores = list(holdout["per_class"]), holdout["per_class"]
    few = len(names) <= _MOST_CLASSES
    if not few:
        yield f"the {_MOST_CLASSES} of {len(names)} classes with the lowest recall:"
        names = sorted(names, key=lambda name: scores[name]["recall"])[:_MOST_CLASSES]
    width = max(len(_cut(name)) for name in names) + 2
    cell = max(width, len("precision") + 2)
    yield " " * (width + 7) + "".join(f"{_cut(name):>{cell}}" for name in ("precision", "recall", *names * few))
    for number, name in enumerate(names):
        counts = holdout["confusion_matrix"][number] if few else []
        cells = [f"{scores[name]['precision']:.3f}", f"{scores[name]['recall']:.3f}", *counts]
        yield f"  true {_cut(name):<{width}}" + "".join(f"{value:>{cell}}" for value in cells)


def _importances(report: Mapping[str, Any]) -> Iterator[str]:
    losses = report["permutation_importance"]
    if not losses:
        reason = _TOO_MANY if "seed" in report["split"] else "all targets of the test are equal"
        yield f"no permutation importance: {reason}"
        return
    names = list(losses)
    if len(names) > _MOST_COLUMNS:
        names = sorted(names, key=lambda name: -losses[name])[:_MOST_COLUMNS]
    shuffled = report["permutation_importance_of"]
    lost = "accuracy" if "accuracy" in report else "R²"
    yield f"permutation importance ({lost} lost when the column is shuffled; {shuffled}):"
    width = max(len(name) for name in names) + 2
    yield from (f"  {name:<{width}}{losses[name]:>8.3f}" for name in names)
    if len(names) < len(losses):
        yield f"  and {len(losses) - len(names)} columns that matter less"


def _cut(name: str) -> str:
    return name if len(name) <= _NAME_WIDTH else name[: _NAME_WIDTH - 1] + "…"


def _times(repeats: int) -> str:
    return "once" if repeats == 1 else f"{repeats} times"


def _share(estimate: Mapping[str, Any]) -> str:
    low, high = estimate["accuracy_95_interval"]
    return f"{estimate['accuracy']:.3f} (95 % interval {low:.3f} to {high:.3f})"
