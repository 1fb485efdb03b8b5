"""One run of the training command, for all tests that only look at what it did."""

import pytest

from tests.support.training import train


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Return the finished command and its store."""
    home = tmp_path_factory.mktemp("trained")
    return train(home), home
