"""A server as the platforms start it, and a model without one."""

import pytest

from tests.support.servers import copy_of_store, serving

VERTEX_HEALTH = "/health-of-vertex"
VERTEX = {"AIP_HEALTH_ROUTE": VERTEX_HEALTH, "AIP_ENDPOINT_ID": "12", "AIP_DEPLOYED_MODEL_ID": "34"}


@pytest.fixture(scope="session")
def platforms_url(bentoml_home, tmp_path_factory):
    """Return the URL of a server with the variables that Vertex AI sets."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("platforms"))
    with serving(home=home, **VERTEX) as url:
        yield url
