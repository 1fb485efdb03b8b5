"""Save the forest as an MLflow model: save_model.py FOLDER."""

import os
import sys

import joblib
import mlflow.sklearn

mlflow.sklearn.save_model(joblib.load(os.environ["FOREST"]), sys.argv[1])
