"""The forest behind Flask."""

import os

import joblib
from flask import Flask, request

app = Flask(__name__)
forest = joblib.load(os.environ["FOREST"])


@app.post("/predict")
def predict():
    """Return the class of each row."""
    return {"predictions": forest.predict(request.json["instances"]).tolist()}
