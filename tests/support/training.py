"""The training command as users run it, and the data that tests give it."""

import io
import subprocess
import sys
from pathlib import Path

import pandas as pd
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

from tests.support.servers import environment
from train_and_save import IRIS

ROOT = Path(__file__).parents[2]
FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
NAMES = ["setosa", "versicolor", "virginica"]
LAYOUT = IRIS
CULTIVARS = ["Barolo", "Grignolino", "Barbera"]


class NoBar:
    """A progress bar for nobody."""

    def update(self, n=1):
        """Count."""


def python(*arguments, home):
    """Run Python in the project's folder, with a BentoML home, and without a terminal."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )


def train(home, *options, trees=5):
    """Run train_and_save.py and return the finished process."""
    return python("train_and_save.py", "--trees", str(trees), *map(str, options), home=home)


def saved(home):
    """Return the names of all models in a store."""
    models = home / "models"
    return sorted(path.name for path in models.iterdir() if path.is_dir()) if models.exists() else []


def iris_csv(header=(*FEATURES, "species"), rows=None):
    """Return Iris as CSV, with the given header, or the given rows instead."""
    data, target = load_iris(return_X_y=True)
    rows = rows or [[*row, NAMES[label]] for row, label in zip(data, target, strict=True)]
    return "\n".join(",".join(map(str, line)) for line in (header, *rows)) + "\n"


def wine():
    """Return scikit-learn's wine as a DataFrame, with the names of the cultivars in its last column."""
    frame = load_wine(as_frame=True).data
    return frame.assign(cultivar=[CULTIVARS[label] for label in load_wine().target])


def breast_cancer():
    """Return scikit-learn's breast cancer as a DataFrame, with true and false in its last column."""
    frame = load_breast_cancer(as_frame=True).data
    return frame.assign(benign=load_breast_cancer().target.astype(bool))


def frame_of(text):
    """Return CSV as pandas reads it."""
    return pd.read_csv(io.StringIO(text))
