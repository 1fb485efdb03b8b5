"""A loaded model: it answers rows in the shape of the replies, and can say what it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from iris_serving.engines.engine import Engine
from iris_serving.schema import CLASS_NAMES, FEATURES, Predictions, Probabilities, Row


class ServedModel:
    """A compiled model out of the store.

    Args:
        tag: its tag in the store, "name:version".
        engine: what answers.
        metadata: what was saved with it.
    """

    def __init__(self, tag: str, engine: Engine, metadata: Mapping[str, Any]) -> None:
        self.tag = tag
        self.version = tag.partition(":")[2]
        self.engine = engine
        self.metadata = metadata

    def predict(self, rows: Sequence[Row]) -> Predictions:
        """Return each row's class index."""
        if len(rows) == 1:
            return {"predictions": [self.engine.predict_one(rows[0])]}
        return {"predictions": self.engine.predict(np.array(rows)).tolist()}

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        """Return each row's class index, class name and class probabilities."""
        if len(rows) == 1:
            probabilities = [self.engine.predict_proba_one(rows[0])]
        else:
            probabilities = self.engine.predict_proba(np.array(rows)).tolist()
        predictions = [row.index(max(row)) for row in probabilities]
        return {
            "predictions": predictions,
            "labels": [CLASS_NAMES[index] for index in predictions],
            "probabilities": probabilities,
        }

    def describe(self) -> dict[str, Any]:
        """Return what GET /model answers."""
        ranges = self.metadata["feature_ranges"]
        return {
            "name": self.tag.partition(":")[0],
            "tag": self.tag,
            "version": self.version,
            "engine": self.engine.kind,
            "classes": list(CLASS_NAMES),
            "features": [
                {"name": f.name, "column": f.column, "unit": f.unit, "training_range": ranges[f.name]} for f in FEATURES
            ],
            "training": self.metadata["training"],
        }
