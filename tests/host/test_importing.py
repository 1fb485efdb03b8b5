"""Importing a service in a notebook, a test or another program changes nothing outside it."""

import json
import subprocess
import sys

import pytest

from tests.support.models import save_in
from tests.support.servers import ROOT, environment

LOOK = """
import json, os, signal, sys
import circus.arbiter, circus.sighandler, uvicorn.protocols.http.auto, uvicorn.protocols.http.httptools_impl
import bentoml, _bentoml_sdk.service.factory, _bentoml_impl.server.app

MODULES = [module for name, module in sys.modules.items() if name.partition(".")[0] in ("circus", "uvicorn")]

def look():
    owners = [(module, vars(module)) for module in MODULES]
    owners += [(owner, vars(owner)) for module in MODULES for owner in vars(module).values() if isinstance(owner, type)]
    return {
        "environment": dict(os.environ),
        "attributes": {f"{owner}.{name}": repr(value) for owner, names in owners for name, value in [*names.items()]
                       if callable(value)},
        "signals": {f"{number}": repr(signal.getsignal(number)) for number in signal.valid_signals()},
    }

before = look()
import service
service.IrisClassifier().predict([list(service.MODEL.card.example)])
after = look()
print(json.dumps({part: sorted({*before[part].items()} ^ {*after[part].items()}) for part in before}))
"""


@pytest.fixture(scope="module")
def changes(tmp_path_factory):
    """Return what importing and calling the service changed in a fresh interpreter, by part."""
    home = tmp_path_factory.mktemp("imported")
    save_in(home, "wine", "wine")
    env = environment(home, FOREST_MODEL="wine")
    done = subprocess.run([sys.executable, "-c", LOOK], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("part", ["environment", "attributes", "signals"])
def test_importing_and_calling_a_service_changes_nothing_outside_it(changes, part):
    """Neither variables, nor uvicorn's and Circus' classes and functions, nor handlers of signals."""
    assert changes[part] == []
