"""How good answers are: accuracy, and what accuracy hides."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, roc_auc_score

MEASURES = ("accuracy", "recall", "f1", "auc")  # all but the first are means over the classes, each as important
_LARGEST_MATRIX = 50  # classes


def scores_of(truth: NDArray[Any], probabilities: NDArray[Any]) -> dict[str, float]:
    """Return each of MEASURES.

    Args:
        truth: shape (n_rows,), the position of each row's class. Each class has rows.
        probabilities: shape (n_rows, n_classes), as predict_proba returns them.
    """
    predicted = probabilities.argmax(axis=1)
    classes = range(probabilities.shape[1])
    _, recall, f1, _ = precision_recall_fscore_support(truth, predicted, labels=classes, zero_division=0)
    auc = [roc_auc_score(truth == number, probabilities[:, number]) for number in classes]
    values = ((truth == predicted).mean(), recall.mean(), f1.mean(), np.mean(auc))
    return dict(zip(MEASURES, map(float, values), strict=True))


def judged(truth: NDArray[Any], probabilities: NDArray[Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the scores, accuracy with Wilson's 95 % interval, and how each class fared."""
    predicted, classes = probabilities.argmax(axis=1), range(len(names))
    interval = stats.binomtest(int((truth == predicted).sum()), len(truth)).proportion_ci(method="wilson")
    precision, recall, _, rows = precision_recall_fscore_support(truth, predicted, labels=classes, zero_division=0)
    report = {
        "rows": len(truth),
        **rounded(scores_of(truth, probabilities)),
        "accuracy_95_interval": [round(float(interval.low), 4), round(float(interval.high), 4)],
        "per_class": {
            name: {"precision": round(float(p), 4), "recall": round(float(r), 4), "rows": int(n)}
            for name, p, r, n in zip(names, precision, recall, rows, strict=True)
        },
    }
    if len(names) <= _LARGEST_MATRIX:
        report["confusion_matrix"] = confusion_matrix(truth, predicted, labels=classes).tolist()
    return report


def rounded(scores: dict[str, float]) -> dict[str, float]:
    """Return scores as a report gives them."""
    return {measure: round(score, 4) for measure, score in scores.items()}
