"""One server each way that all attacks share, so that what one leaves behind would hurt the next."""

import resource

import pytest

from tests.support.attacked import Attacked
from tests.support.servers import copy_of_store, serving
from tests.support.workers import workers_of

N_FILES = 4096
BODY_TIMEOUT_S = 2


@pytest.fixture(scope="session")
def attacked_server(bentoml_home, way, tmp_path_factory):
    """Return a server that gives up on stalled bodies soon, with files enough for thousands of connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < N_FILES:  # below 0: no limit
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(N_FILES, hard) if hard >= 0 else N_FILES, hard))
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("attacked"))
    with serving(home=home, FOREST_BODY_TIMEOUT_S=str(BODY_TIMEOUT_S), FOREST_DRAIN_S="0", **way) as url:
        (worker,) = workers_of(url)
        server = Attacked(url, home / "server.log", worker)
        yield server
    assert server.new_harm() == [], "when the server stopped"


@pytest.fixture(scope="module")
def attacked(attacked_server):
    """Return the server; it must have been asked by a module's tests, and be unharmed when they are over."""
    before = attacked_server.n_requests()
    yield attacked_server
    assert attacked_server.n_requests() > before, "these tests sent no request, so they prove nothing"
    attacked_server.wait_for_log()
    assert attacked_server.new_harm() == []
    assert attacked_server.worker.is_running()
