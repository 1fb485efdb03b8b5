"""The forest behind FastAPI."""

import os

import joblib
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
forest = joblib.load(os.environ["FOREST"])


class Flowers(BaseModel):
    """Rows of measurements."""

    instances: list[list[float]]


class Species(BaseModel):
    """The class of each row."""

    predictions: list[int]


@app.post("/predict")
def predict(flowers: Flowers) -> Species:
    """Return the class of each row."""
    return Species(predictions=forest.predict(flowers.instances).tolist())
