"""What tests of the image share: a real container engine."""

import os
import shutil
from pathlib import Path

import pytest

from tests.image.debian_images import make_base_image
from tests.image.private_engine import Engine, private_engine

CAN_HAVE_ITS_OWN = os.geteuid() == 0 and shutil.which("apt-get")
collect_ignore = [] if CAN_HAVE_ITS_OWN else ["test_private_engine.py"]


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """Return the machine's engine, or else a private one with a base image made from Debian's packages."""
    if found := machine_engine(tmp_path_factory.mktemp("engine")):
        yield found
        return
    if not CAN_HAVE_ITS_OWN:
        pytest.fail("The tests of the image need Docker or Podman, or root on Debian to start an engine of their own.")
    with private_engine() as engine:
        make_base_image(engine)
        yield engine


def machine_engine(folder: Path):
    """Return the first engine on this machine that answers, or None."""
    for client in ("docker", "podman"):
        engine = Engine(client, dict(os.environ), ("--network", "host"), folder)
        if shutil.which(client) and engine.attempt("info").returncode == 0:
            return engine
    return None
