"""The models: small forests, a large one, boosted trees, and a forest behind a pipeline."""

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_iris, load_wine, make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

CACHE = Path(sys.prefix) / "share" / "bench-engines"  # part of the environment, and gone with it


class Model(NamedTuple):
    """A model to be compared.

    Attributes:
        title: what is printed.
        fitted: the model.
        X: what it was fitted to.
        engine: the kind of engine to make of it.
    """

    title: str
    fitted: Any
    X: Any
    engine: str = "forest"


def iris() -> Model:
    """Return a forest on Iris, compiled to a forest though it fits a table."""
    return Model("Iris", *_forest(load_iris))


def iris_table() -> Model:
    """Return the same forest, compiled to a table."""
    return Model("Iris as a table", *_forest(load_iris), "decision_table")


def wine() -> Model:
    """Return a forest on wine."""
    return Model("wine", *_forest(load_wine))


def cancer() -> Model:
    """Return a forest on breast cancer."""
    return Model("breast cancer", *_forest(load_breast_cancer))


def boosted() -> Model:
    """Return boosted trees, several hundred of them."""
    X, y = make_classification(30_000, 30, n_informative=20, random_state=0)  # noqa: N806
    return Model("histogram boosting", HistGradientBoostingClassifier(max_iter=300, random_state=0).fit(X, y), X)


def large() -> Model:
    """Return 200 trees with some 900,000 nodes, which are trained once."""
    X, y = make_classification(25_000, 30, n_informative=20, flip_y=0.05, random_state=0)  # noqa: N806
    kept = CACHE / f"large-{version('scikit-learn')}.joblib"
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        joblib.dump(RandomForestClassifier(200, random_state=0, n_jobs=-1).fit(X, y), kept)
    return Model("large", joblib.load(kept).set_params(n_jobs=1), X)


def churn() -> Model:
    """Return a forest behind what customers' data need: gaps filled, numbers scaled, categories encoded."""
    X, y = customers(5_000)  # noqa: N806
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    columns = [
        ("numbers", numbers, ["tenure", "charge", "age"]),
        ("categories", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["plan", "region"]),
    ]
    forest = RandomForestClassifier(100, class_weight="balanced", random_state=0)
    return Model("churn, a pipeline", make_pipeline(ColumnTransformer(columns), forest).fit(X, y), X)


def customers(n: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return made-up customers, and whether each has left."""
    random = np.random.default_rng(0)
    table = pd.DataFrame({"tenure": random.integers(0, 72, n).astype(float), "charge": random.gamma(2, 30, n).round(2)})
    table["age"] = random.normal(45, 15, n).round().clip(18)
    table["plan"] = random.choice(["basic", "plus", "premium"], n)
    table["region"] = random.choice(list("abcdefghij"), n)
    table.loc[random.random(n) < 0.1, "age"] = np.nan
    left = (table.tenure < 20) & (table.plan != "premium") & (random.random(n) < 0.7) | (random.random(n) < 0.1)
    return table, left.map({True: "leaves", False: "stays"})


def trees_of(fitted: Any) -> Any:
    """Return the trees of a model that may be a pipeline."""
    return fitted[-1] if isinstance(fitted, Pipeline) else fitted


def _forest(load: Any) -> tuple[Any, Any]:
    X, y = load(return_X_y=True)  # noqa: N806
    return RandomForestClassifier(100, random_state=0, n_jobs=1).fit(X, y), X


MODELS = {
    "iris": iris,
    "iris-table": iris_table,
    "wine": wine,
    "cancer": cancer,
    "boosted": boosted,
    "churn": churn,
    "large": large,
}
