"""One server that all attacks share, so that what one leaves behind would hurt the next."""

import resource
from typing import Any, NamedTuple

import pytest

from tests.support.servers import copy_of_store, serving
from tests.support.workers import workers_of

N_FILES = 4096
BODY_TIMEOUT_S = 2


class Attacked(NamedTuple):
    """The server: its URL, its log's path, its worker as psutil sees it."""

    url: str
    log: Any
    worker: Any


@pytest.fixture(scope="session")
def attacked(bentoml_home, tmp_path_factory):
    """Return a server that gives up on stalled bodies soon, with files enough for thousands of connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < N_FILES:  # below 0: no limit
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(N_FILES, hard) if hard >= 0 else N_FILES, hard))
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("attacked"))
    with serving(home=home, FOREST_BODY_TIMEOUT_S=str(BODY_TIMEOUT_S), FOREST_DRAIN_S="0") as url:
        (worker,) = workers_of(url)
        yield Attacked(url, home / "server.log", worker)
