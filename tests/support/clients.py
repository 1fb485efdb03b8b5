"""Programs that nobody here wrote, each in an environment of its own."""

import json
import os
import subprocess
import sys

from tests.support.servers import ROOT


def python_of(client):
    """Return the Python of a client's environment."""
    return python_in(f"client-{client}")


def python_in(name):
    """Return the Python of an environment beside this one, which is made the first time, in up to two minutes."""
    venv = f"{sys.prefix}-{name}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "ARGS"))}
    command = ["make", "--silent", f"VENV={sys.prefix}", f"PYTHON={sys.executable}", f"{venv}/.complete"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    return f"{venv}/bin/python"


def said(client, script, argument):
    """Return what a client's script prints."""
    command = [python_of(client), ROOT / "tests" / "clients" / script, argument]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
