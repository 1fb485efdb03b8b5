"""The forest as ONNX behind FastAPI."""

import os

import numpy as np
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1  # one worker, as every peer
session = onnxruntime.InferenceSession(os.environ["ONNX"], options)


class Flowers(BaseModel):
    """Rows of measurements."""

    instances: list[list[float]]


class Species(BaseModel):
    """The class of each row."""

    predictions: list[int]


@app.post("/predict")
async def predict(flowers: Flowers) -> Species:
    """Return the class of each row."""
    (labels,) = session.run(["label"], {"X": np.array(flowers.instances, np.float32)})
    return Species(predictions=labels.tolist())
