"""One forest and its engines for all tests here. A test that takes "kind" or "engine" runs once for every engine."""

import pytest

from forest_serving.engines.archive import ENGINES
from tests.support.compiled import compiled
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
    return compiled(forest, kind)


@pytest.fixture(scope="session")
def table(forest):
    """Return the small forest's decision table."""
    return compiled(forest, "decision_table")


@pytest.fixture(scope="session")
def walked(forest):
    """Return the small forest as trees that are walked."""
    return compiled(forest, "forest")
