"""What a model must reach to be saved."""

from collections.abc import Mapping
from typing import Any, NamedTuple

WORDS = {
    "accuracy": "accuracy",
    "recall": "macro recall",
    "f1": "macro F1",
    "auc": "macro one-vs-rest AUC",
}


class Gates(NamedTuple):
    """The lowest scores to save a model with; None for any."""

    accuracy: float | None = None
    recall: float | None = None
    f1: float | None = None
    auc: float | None = None

    def faults(self, report: Mapping[str, Any]) -> list[str]:
        """Return a sentence for each score that is too low."""
        return [
            f"The {WORDS[measure]} is below {lowest} (--min-{measure}); nothing was saved."
            for measure, lowest in self._asdict().items()
            if lowest is not None and report[measure] < lowest
        ]
