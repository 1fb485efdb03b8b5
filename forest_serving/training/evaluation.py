"""From measurements to a fitted forest, and to an honest estimate of how good it is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from scipy import stats
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score, train_test_split

from forest_serving.schema import CLASS_NAMES, FEATURES
from forest_serving.training.dataset import Dataset

HOLDOUT_SHARE = 0.25
FOLDS, REPEATS = 5, 4
IMPORTANCE_REPEATS = 10


class Recipe(NamedTuple):
    """How to train: number of trees, depth limit (None for none), random seed."""

    trees: int = 100
    max_depth: int | None = None
    seed: int = 0

    def forest(self) -> RandomForestClassifier:
        """Return the forest, not yet fitted. One thread keeps the order of additions, and so the last bits, fixed."""
        return RandomForestClassifier(self.trees, max_depth=self.max_depth, random_state=self.seed, n_jobs=1)


class Stopwatch:
    """Collects the seconds that named steps take."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a block."""
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)


def evaluate(data: Dataset, recipe: Recipe, watch: Stopwatch) -> dict[str, Any]:
    """Return the training report.

    Both estimates are of forests that have not seen the rows they are judged on: a stratified hold-out, for the
    confusion matrix and the importances, and a repeated stratified cross-validation, for the accuracy. The forest to
    serve is then trained on all rows.
    """
    train_rows, test_rows, train_labels, test_labels = train_test_split(
        data.rows, data.labels, test_size=HOLDOUT_SHARE, stratify=data.labels, random_state=recipe.seed
    )
    with watch.step("hold-out"):
        forest = recipe.forest().fit(train_rows, train_labels)
        holdout = judge(test_labels, forest.predict(test_rows))
    with watch.step("permutation importance"):
        importance = permutation_importance(
            forest, test_rows, test_labels, n_repeats=IMPORTANCE_REPEATS, random_state=recipe.seed
        )
    with watch.step("cross-validation"):
        cross_validation = cross_validate(data, recipe)
    return {
        "rows": len(data.labels),
        "accuracy": cross_validation["accuracy"],
        "accuracy_95_interval": cross_validation["accuracy_95_interval"],
        "cross_validation": cross_validation,
        "holdout": holdout,
        "permutation_importance": dict(
            zip((f.name for f in FEATURES), importance.importances_mean.round(4).tolist(), strict=True)
        ),
    }


def judge(truth: Any, predicted: Any) -> dict[str, Any]:
    """Return accuracy with Wilson's 95 % interval, the confusion matrix, and precision and recall of each class."""
    labels = range(len(CLASS_NAMES))
    right = int((truth == predicted).sum())
    interval = stats.binomtest(right, len(truth)).proportion_ci(method="wilson")
    precision, recall, _, rows = precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    return {
        "rows": len(truth),
        "accuracy": round(right / len(truth), 4),
        "accuracy_95_interval": [round(float(interval.low), 4), round(float(interval.high), 4)],
        "confusion_matrix": confusion_matrix(truth, predicted, labels=labels).tolist(),
        "per_class": {
            name: {"precision": round(float(p), 4), "recall": round(float(r), 4), "rows": int(n)}
            for name, p, r, n in zip(CLASS_NAMES, precision, recall, rows, strict=True)
        },
    }


def cross_validate(data: Dataset, recipe: Recipe) -> dict[str, Any]:
    """Return the mean accuracy over all folds with its 95 % interval.

    The folds share rows, so their spread understates the doubt; Nadeau and Bengio (2003) widen it by the ratio of
    tested to trained rows.
    """
    splits = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=recipe.seed)
    scores = cross_val_score(recipe.forest(), data.rows, data.labels, cv=splits)
    variance = scores.var(ddof=1) * (1 / len(scores) + 1 / (FOLDS - 1))
    margin = stats.t.ppf(0.975, len(scores) - 1) * np.sqrt(variance)
    low, high = np.clip([scores.mean() - margin, scores.mean() + margin], 0, 1)
    return {
        "folds": FOLDS,
        "repeats": REPEATS,
        "accuracy": round(float(scores.mean()), 4),
        "accuracy_95_interval": [round(float(low), 4), round(float(high), 4)],
    }
