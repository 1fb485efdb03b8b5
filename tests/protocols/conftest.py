"""A server as the platforms start it, and models without one."""

from typing import Any, NamedTuple

import numpy as np
import pytest

from forest_serving.models import store
from tests.support import regression
from tests.support.cards import card
from tests.support.in_process import Recorder, gateway_of
from tests.support.servers import copy_of_store, serving
from tests.support.stores import KEYS, embedded

VERTEX_HEALTH = "/health-of-vertex"
VERTEX = {"AIP_HEALTH_ROUTE": VERTEX_HEALTH, "AIP_ENDPOINT_ID": "12", "AIP_DEPLOYED_MODEL_ID": "34"}


@pytest.fixture(scope="session")
def platforms_url(bentoml_home, way, tmp_path_factory):
    """Return the URL of a server with the variables that Vertex AI sets."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("platforms"))
    with serving(home=home, **VERTEX, **way) as url:
        yield url


class Pair(NamedTuple):
    """A model and the scikit-learn model that it was made from, which is the oracle, and rows to ask both."""

    model: Any
    oracle: Any
    rows: np.ndarray


@pytest.fixture(scope="session", params=["classifier", "regressor"])
def pair(request):
    """Return Iris and its forest, and a regressor and its own."""
    if request.param == "regressor":
        return Pair(regression.regressor(), regression.forest(), regression.ROWS)
    model = request.getfixturevalue("model")
    return Pair(model, store.load_forest(model.card), np.random.default_rng(0).uniform(0, 8, (200, 4)))


@pytest.fixture
def features(tmp_path):
    """Return features in an embedded store, which has nothing yet."""
    with embedded(tmp_path) as found:
        yield found


@pytest.fixture
def gateway(features):
    """Return a gateway with them, and a key for writing."""
    return gateway_of(Recorder(card()), features, **KEYS)
