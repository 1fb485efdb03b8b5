"""Models for the report: Iris out of the store, and churn with categories and gaps, and a regressor, saved into it."""

import pytest
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

import forest_serving
from forest_serving.models import store
from tests.support.churn import churned, customers, pipeline


@pytest.fixture(scope="session")
def models(bentoml_home):
    """Return the three models, by name."""
    table = customers(1_000).drop(columns="customer")
    fitted = pipeline(RandomForestClassifier(6, max_depth=5, random_state=0)).fit(table, churned(table))
    forest_serving.save("churn", fitted, table, churned(table))
    numbers = load_diabetes(as_frame=True)
    forest = RandomForestRegressor(10, random_state=0, n_jobs=1).fit(numbers.data, numbers.target)
    forest_serving.save("diabetes", forest, numbers.data, numbers.target)
    return {name: store.load(f"{name}_compiled") for name in ("iris", "churn", "diabetes")}
