"""The forest behind FastAPI, with rows from Feast's feature server, asked as its tutorial does."""

import os

import joblib
import requests
from fastapi import FastAPI
from pydantic import BaseModel

NAMES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
app = FastAPI()
forest = joblib.load(os.environ["FOREST"])
url = f"http://127.0.0.1:{os.environ['FEAST_PORT']}/get-online-features"


class Flowers(BaseModel):
    """The ids of flowers."""

    ids: list[str]


class Species(BaseModel):
    """The class of each flower."""

    predictions: list[int]


@app.post("/predict")
def predict(flowers: Flowers) -> Species:
    """Return the class of each flower."""
    asked = {"features": [f"flowers:{name}" for name in NAMES], "entities": {"flower_id": flowers.ids}}
    reply = requests.post(url, json=asked, timeout=60)
    reply.raise_for_status()
    names, results = reply.json()["metadata"]["feature_names"], reply.json()["results"]
    columns = {name: result["values"] for name, result in zip(names, results, strict=True)}
    rows = list(zip(*(columns[name] for name in NAMES), strict=True))
    return Species(predictions=forest.predict(rows).tolist())
