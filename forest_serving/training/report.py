"""A training report as text for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from forest_serving.schema import CLASS_NAMES


def report_text(report: Mapping[str, Any]) -> str:
    """Return the report of training.evaluate, as lines for a terminal."""
    return "\n".join(_lines(report))


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    folds, holdout = report["cross_validation"], report["holdout"]
    yield f"accuracy {_share(folds)}, {folds['folds']}-fold cross-validation, {folds['repeats']} times"
    yield f"accuracy {_share(holdout)}, hold-out of {holdout['rows']} rows:"
    width = max(len(name) for name in CLASS_NAMES) + 2
    yield " " * (width + 9) + "".join(f"{name:>{width}}" for name in ("precision", "recall", *CLASS_NAMES))
    for name, counts in zip(CLASS_NAMES, holdout["confusion_matrix"], strict=True):
        scores = holdout["per_class"][name]
        cells = [f"{scores['precision']:.3f}", f"{scores['recall']:.3f}", *counts]
        yield f"  true {name:<{width + 2}}" + "".join(f"{cell:>{width}}" for cell in cells)
    yield "permutation importance (accuracy lost when the column is shuffled):"
    width = max(len(name) for name in report["permutation_importance"]) + 2
    yield from (f"  {name:<{width}}{loss:>8.3f}" for name, loss in report["permutation_importance"].items())


def _share(estimate: Mapping[str, Any]) -> str:
    low, high = estimate["accuracy_95_interval"]
    return f"{estimate['accuracy']:.3f} (95 % interval {low:.3f} to {high:.3f})"
