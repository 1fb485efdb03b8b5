"""The forest as a BentoML service."""

import os

import bentoml
import joblib
import numpy as np


@bentoml.service
class IrisClassifier:
    """Classify flowers."""

    def __init__(self) -> None:
        self.forest = joblib.load(os.environ["FOREST"])

    @bentoml.api
    def predict(self, input_data: np.ndarray) -> np.ndarray:
        """Return the class of each row."""
        return self.forest.predict(input_data)
