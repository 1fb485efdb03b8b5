"""A loaded model: it answers rows in the shape of the replies, and can say what it is."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from forest_serving.engines.engine import Engine, Floats
from forest_serving.models.json_texts import written
from forest_serving.schema import CLASS_NAMES, FEATURES, Predictions, Probabilities, Row

TURN_ROWS = 10_000  # about a millisecond's work
_FEW_ROWS = 10


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
        self._written = written(engine)
        self.observe: Callable[[Any, Any], None] = lambda rows, labels: None  # told of every answer

    def predict(self, rows: Sequence[Row]) -> Predictions:
        """Return each row's class index."""
        labels: Any
        if _are_few(rows):
            labels = predictions = [self.engine.predict_one(row) for row in rows]
        else:
            labels = self.engine.predict(np.asarray(rows))
            predictions = labels.tolist()
        self.observe(rows, labels)
        return {"predictions": predictions}

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        """Return each row's class index, class name and class probabilities."""
        labels: Any
        if _are_few(rows):
            probabilities = [self.engine.predict_proba_one(row) for row in rows]
            labels = predictions = [row.index(max(row)) for row in probabilities]
        else:
            array = self.engine.predict_proba(np.asarray(rows))
            labels, probabilities = array.argmax(axis=1), array.tolist()
            predictions = labels.tolist()
        self.observe(rows, labels)
        names = [CLASS_NAMES[label] for label in predictions]
        return {"predictions": predictions, "labels": names, "probabilities": probabilities}

    def predict_proba_json(self, rows: Sequence[Row]) -> bytes:
        """Return what predict_proba does as JSON; of many rows in half the time, where answers can be listed."""
        if _are_few(rows) or self._written is None:
            return msgspec.json.encode(self.predict_proba(rows))
        labels, content = self._written.of(np.asarray(rows))
        self.observe(rows, labels)
        return content

    async def predict_array(self, rows: Floats) -> NDArray[Any]:
        """Return each row's class index, shape (n_rows,), for rows of shape (n_rows, n_features)."""
        labels = await _in_turns(self.engine.predict, rows)
        self.observe(rows, labels)
        return labels

    async def predict_proba_array(self, rows: Floats) -> Floats:
        """Return class probabilities, shape (n_rows, n_classes), for rows of shape (n_rows, n_features)."""
        probabilities = await _in_turns(self.engine.predict_proba, rows)
        self.observe(rows, probabilities.argmax(axis=1))
        return probabilities

    def facts(self) -> dict[str, str]:
        """Return what the metrics say about the model."""
        accuracy = self.metadata["training"].get("accuracy")
        return {
            "tag": self.tag,
            "engine": self.engine.kind,
            "sha256": self.metadata["engine_sha256"],
            "accuracy": f"{accuracy}",
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


async def _in_turns(answer: Callable[[Floats], NDArray[Any]], rows: Floats) -> NDArray[Any]:
    """Return answer(rows); after each TURN_ROWS, other requests have their turn."""
    answers = [answer(rows[:TURN_ROWS])]
    for start in range(TURN_ROWS, len(rows), TURN_ROWS):
        await asyncio.sleep(0)
        answers.append(answer(rows[start : start + TURN_ROWS]))
    return answers[0] if len(answers) == 1 else np.concatenate(answers)


def _are_few(rows: Sequence[Row]) -> bool:
    """Return whether one by one is faster than NumPy, a call of which costs more than looking up a row."""
    return len(rows) <= _FEW_ROWS and not isinstance(rows, np.ndarray)
