"""One forest and its engines for all tests here. A test that takes "kind" or "engine" runs once for every engine."""

import pytest

from forest_serving.engines.archive import ENGINES
from forest_serving.engines.compile import compile_forest
from tests.support.forests import fit_dataset


@pytest.fixture(scope="session", params=ENGINES)
def kind(request):
    """Return the name of an engine."""
    return request.param


@pytest.fixture(scope="session")
def forest():
    """Return a small forest; whoever changes it takes a copy."""
    return fit_dataset("iris", n_trees=5, max_depth=3).forest


@pytest.fixture(scope="session")
def engine(kind, forest):
    """Return an engine compiled from the small forest."""
    return compile_forest(forest, kind).engine


@pytest.fixture(scope="session")
def table(forest):
    """Return the small forest's decision table."""
    return compile_forest(forest, "decision_table").engine


@pytest.fixture(scope="session")
def flat(forest):
    """Return the small forest as a flat forest."""
    return compile_forest(forest, "flat_forest").engine
