"""Stored models of other data than the project's own, made without a trainer: python -m tests.support.models KIND NAME.

KIND is "wine" (13 numbers, classes 0 to 2) or "cultivars" (the same rows, labelled with text).
"""

import subprocess
import sys

import numpy as np
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier

from tests.support.servers import ROOT, environment

CULTIVARS = np.array(["Barolo", "Grignolino", "Barbera"])
ROWS, TARGET = load_wine(return_X_y=True)
LABELS = {"wine": TARGET, "cultivars": CULTIVARS[TARGET]}


def forest_of(kind, seed=0, **options):
    """Return the forest that a model of a kind is made of: the oracle."""
    return RandomForestClassifier(20, random_state=seed, n_jobs=1, **options).fit(ROWS, LABELS[kind])


def card_of(name, fitted, **changes):
    """Return the card of a forest fitted to ROWS, without what the store fills in."""
    from forest_serving.card import Card, Category, Feature

    deciles = np.quantile(ROWS, np.linspace(0, 1, 11), axis=0).T.tolist()
    names = [column.replace("/", "_") for column in load_wine().feature_names]
    known = {
        "name": name,
        "features": tuple(Feature(name=x, deciles=tuple(d)) for x, d in zip(names, deciles, strict=True)),
        "classes": tuple(Category(label=label, name=str(label)) for label in fitted.classes_.tolist()),
        "example": tuple(ROWS[0].tolist()),
        "engine": "",
        "engine_sha256": "",
        "forest": "",
        "proof": "every node was compared",
    }
    return Card(**known | changes)


def save(kind, name, seed=0):
    """Save a model in this process's store; return the compiled one's tag."""
    from forest_serving.models import store
    from tests.support.compiled import compiled

    forest = forest_of(kind, seed)
    return store.save(card_of(name, forest), forest, compiled(forest))[1]


def save_in(home, kind, name, seed=0):
    """Save a model in a BentoML home; return the compiled one's tag."""
    command = [sys.executable, "-m", "tests.support.models", kind, name, str(seed)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(home), capture_output=True, text=True, check=True, timeout=200
    )
    return done.stdout.strip()


if __name__ == "__main__":
    print(save(sys.argv[1], sys.argv[2], int(sys.argv[3])))
