"""One real "bentoml serve" for all tests that only ask it."""

import pytest

from tests.servers import copy_of_store, serving


@pytest.fixture(scope="session")
def served_url(bentoml_home, tmp_path_factory):
    """Return the URL of a server started in the project's folder."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("served"))
    with serving(home=home) as url:
        yield url
