"""Save the forest as an MLflow model: save_model.py FOLDER."""

import os
import sys

import joblib
import mlflow.sklearn

forest = joblib.load(os.environ["FOREST"])
# The default format, skops, asks for a list of trusted types; a pickle is what the other peers load.
mlflow.sklearn.save_model(forest, sys.argv[1], serialization_format="cloudpickle")
