"""Whether probabilities mean what they say: of the rows that were told 80 %, how many it was true of."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.training.intervals import interval_of

N_BINS = 10  # of equal width
PREDICTED = "the predicted class"


def calibration(truth: NDArray[Any], probabilities: NDArray[Any], names: Sequence[str]) -> dict[str, Any]:
    """Return how often probabilities came true, in JSON types.

    Of two classes the second one's probability is judged, of more that of the predicted class. The bins are those of
    scikit-learn's calibration_curve; those without rows are left out. The expected error is the mean distance of the
    bins from the truth, each bin weighing as much as it has rows.

    Args:
        truth: shape (n_rows,), the position of each row's class.
        probabilities: shape (n_rows, n_classes), as predict_proba returns them.
        names: of the classes.
    """
    if len(names) == 2:
        of, told, held = names[1], probabilities[:, 1], truth == 1
    else:
        of, told, held = PREDICTED, probabilities.max(axis=1), truth == probabilities.argmax(axis=1)
    edges = np.linspace(0, 1, N_BINS + 1)
    places = np.searchsorted(edges[1:-1], told)
    bins = [_bin(edges[i : i + 2], told[places == i], held[places == i]) for i in np.unique(places)]
    error = sum(each["rows"] * abs(each["predicted"] - each["true"]) for each in bins) / len(truth)
    return {
        "of": of,
        "predicted": round(float(told.mean()), 4),
        "true": round(float(held.mean()), 4),
        "expected_error": round(error, 4),
        "bins": bins,
    }


def _bin(edges: NDArray[np.float64], told: NDArray[np.float64], held: NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "from": round(float(edges[0]), 4),
        "to": round(float(edges[1]), 4),
        "rows": len(told),
        "predicted": round(float(told.mean()), 4),
        "true": round(float(held.mean()), 4),
        "true_95_interval": interval_of(held),
    }
