"""Models of several kinds that the page is asked about, and their scikit-learn models: the oracles."""

from functools import cache

import numpy as np
from msgspec.structs import replace
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from forest_serving.card import Category
from forest_serving.engines.compile import compile_model
from forest_serving.models.loaded_model import LoadedModel
from tests.support.cards import card, feature
from tests.support.churn import churned, customers, pipeline
from tests.support.compiled import compiled, inputs_of


def model_of(name, engine, features, fitted, **others):
    """Return a classifier's model."""
    classes = tuple(Category(label=label, name=str(label)) for label in fitted.classes_.tolist())
    return LoadedModel(f"{name}_compiled:v1", card(name, features, classes, engine=engine.kind, **others), engine)


@cache
def churn():
    """Return a pipeline over numbers, one of which has gaps, texts and booleans; and its model."""
    table = customers().drop(columns="customer")
    fitted = pipeline(RandomForestClassifier(20, max_depth=6, random_state=0, n_jobs=1)).fit(table, churned(table))
    inputs = inputs_of(fitted, (0,))
    spread = {
        f.name: tuple(np.nanquantile(table[f.name].astype(float), np.linspace(0, 1, 11)).tolist())
        for f in inputs.features
        if not f.categories
    }
    features = tuple(replace(f, deciles=spread.get(f.name, ())) for f in inputs.features)
    plotted = ((None, 2.0, 50.5, 1.0, 3.0, 1.0), (20.0, -1.0, 50.5, 0.0, 3.0, 0.0))
    example = (40.0, "year", 50.5, True, 3.0)
    return fitted, model_of("churn", compile_model(inputs).engine, features, fitted, example=example, plot_rows=plotted)


@cache
def many_classes():
    """Return a tree with 300 classes over two features, and its model."""
    rows = np.random.default_rng(0).normal(size=(900, 2))
    fitted = DecisionTreeClassifier(random_state=0).fit(rows, np.arange(900) // 3)
    return fitted, model_of(
        "many", compiled(fitted), (feature("a", low=-3.0, high=3.0), feature("b", low=-3.0, high=3.0)), fitted
    )


@cache
def large():
    """Return a forest of many nodes over eight features, and its model."""
    rng = np.random.default_rng(0)
    rows, labels = rng.normal(size=(2_000, 8)), rng.integers(0, 3, 2_000)
    fitted = RandomForestClassifier(100, random_state=0, n_jobs=1).fit(rows, labels)
    features = tuple(feature(f"x{position}", low=-3.0, high=3.0) for position in range(8))
    return fitted, model_of("large", compiled(fitted), features, fitted, example=(0.0,) * 8)
