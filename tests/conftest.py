"""What tests share: a BentoML home of their own, with a model trained by the real command."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests.support.servers import copy_of_store, environment, serving
from tests.support.ways import ASGI, LANE

ROOT = Path(__file__).parent.parent

# Before any test imports service.py, which looks for its model when imported.
os.environ["BENTOML_DO_NOT_TRACK"] = "True"
for variable in [
    name for name in os.environ if name.startswith(("FOREST_", "OTEL_", "BENTOML_CONFIG", "AIP_", "SAGEMAKER_"))
]:
    del os.environ[variable]
sys.path.insert(0, str(ROOT))
# Where this is set, each of hundreds of servers and commands would compile all that it imports, in five seconds.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Several test processes at once would have OpenMP's threads wait for one another, ten times as long as one works.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine must not fail a test. Examples are the same in each run, so that a change fails for what it changed;
# RANDOM_EXAMPLES=1 looks for others, as the nightly run does.
settings.register_profile(
    "patient",
    deadline=None,
    derandomize="RANDOM_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("patient")


def pytest_configure(config):
    once = "once: what it finds does not depend on Python's version, and it takes long; CI runs it on one Python"
    config.addinivalue_line("markers", once)


class ByFile(LoadScopeScheduling):
    """Where tests run at once: a file's stay together, and so do all attacks, which share a server."""

    def _split_scope(self, nodeid):
        file = Path(nodeid.partition("::")[0])
        return "attacks" if file.parent.name == "attack" else str(file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)


@pytest.fixture(scope="session")
def bentoml_home(tmp_path_factory):
    """Return a BentoML home whose store holds one freshly trained model; this process uses it too."""
    home = tmp_path_factory.mktemp("bentoml")
    os.environ["BENTOML_HOME"] = str(home)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        train(home)
        return home
    trained = tmp_path_factory.getbasetemp().parent / "trained"  # one for all processes of a run
    with trained.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not trained.exists():
            train(trained)
    return copy_of_store(trained, home)


def train(home):
    """Train the model of a home that is new."""
    command = [sys.executable, "train_and_save.py"]
    done = subprocess.run(command, cwd=ROOT, env=environment(home), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def served_url(bentoml_home, tmp_path_factory):
    """Return the URL of one real "bentoml serve" in the project's folder, for all tests that only ask it."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("served"))
    with serving(home=home) as url:
        yield url


@pytest.fixture(scope="session", params=[LANE, ASGI], ids=["lane", "asgi"])
def way(request):
    """Return the settings of a server with a lane, and of one without."""
    return request.param


@pytest.fixture(scope="session")
def laneless_url(bentoml_home, tmp_path_factory):
    """Return the URL of a server without a lane, for all tests that only ask it."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("laneless"))
    with serving(home=home, **ASGI) as url:
        yield url


@pytest.fixture(scope="session")
def either_url(request, way):
    """Return the URL of a real server that answers one way, and of one that answers the other."""
    return request.getfixturevalue("served_url" if way == LANE else "laneless_url")


@pytest.fixture(scope="session")
def model(bentoml_home):
    """Return the served model."""
    from forest_serving.models import store as model_store

    return model_store.load("iris_compiled")


@pytest.fixture(scope="session")
def regressor():
    """Return a model that answers with numbers."""
    from tests.support import regression

    return regression.regressor()
