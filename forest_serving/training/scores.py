"""How good answers are: accuracy, and what accuracy hides."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support, roc_auc_score

from forest_serving.training.calibration import calibration
from forest_serving.training.intervals import interval_of
from forest_serving.training.rounding import rounded

MEASURES = ("accuracy", "recall", "f1", "auc")  # all but the first are means over the classes, each as important
_LARGEST_MATRIX = 50  # classes


def scores_of(truth: NDArray[Any], probabilities: NDArray[Any]) -> dict[str, float]:
    """Return each of MEASURES; means are over the classes that have rows. One class alone has no AUC.

    Args:
        truth: shape (n_rows,), the position of each row's class.
        probabilities: shape (n_rows, n_classes), as predict_proba returns them.
    """
    predicted, classes = probabilities.argmax(axis=1), np.unique(truth)
    _, recall, f1, _ = precision_recall_fscore_support(truth, predicted, labels=classes, zero_division=0)
    scores = {"accuracy": (truth == predicted).mean(), "recall": recall.mean(), "f1": f1.mean()}
    if len(classes) > 1:
        scores["auc"] = np.mean([roc_auc_score(truth == number, probabilities[:, number]) for number in classes])
    return {measure: float(score) for measure, score in scores.items()}


def judged(truth: NDArray[Any], probabilities: NDArray[Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the scores, accuracy with Wilson's 95 % interval, how true the probabilities are, and each class."""
    predicted, classes = probabilities.argmax(axis=1), range(len(names))
    precision, recall, _, rows = precision_recall_fscore_support(truth, predicted, labels=classes, zero_division=0)
    report = {
        "rows": len(truth),
        **rounded(scores_of(truth, probabilities)),
        "accuracy_95_interval": interval_of(truth == predicted),
        **rounded(losses_of(truth, probabilities)),
        "calibration": calibration(truth, probabilities, names),
        "per_class": {
            name: {"precision": round(float(p), 4), "recall": round(float(r), 4), "rows": int(n)}
            for name, p, r, n in zip(names, precision, recall, rows, strict=True)
        },
    }
    if len(names) <= _LARGEST_MATRIX:
        report["confusion_matrix"] = confusion_matrix(truth, predicted, labels=classes).tolist()
    return report


def losses_of(truth: NDArray[Any], probabilities: NDArray[Any]) -> dict[str, float]:
    """Return what scikit-learn calls log loss, and Brier's score, which of two classes is halved, as there.

    Log loss counts a class that was told to be impossible, and was true, as 36.
    """
    n_classes = probabilities.shape[1]
    squares = ((probabilities - np.eye(n_classes)[truth]) ** 2).sum(axis=1).mean()
    loss = log_loss(truth, probabilities, labels=range(n_classes)) if n_classes > 1 else 0.0
    return {"log_loss": float(loss), "brier": float(squares / 2 if n_classes == 2 else squares)}
