"""What tests of the image share: a real container engine, and the image that make image builds with it."""

import os
import re
import shutil
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.image.debian_images import debian_name, make_base_image, make_debian_image
from tests.support.image.private_engine import Engine, private_engine
from tests.support.servers import ROOT, copy_of_store, environment

CAN_HAVE_ITS_OWN = os.geteuid() == 0 and shutil.which("apt-get")
collect_ignore = [] if CAN_HAVE_ITS_OWN else ["test_microservices.py", "test_private_engine.py", "test_swarm.py"]


class Made(NamedTuple):
    """What make image leaves: an image, what it printed, the bill of materials, and the folder and store it used."""

    image: str
    output: str
    bill: Path
    folder: Path
    home: Path


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """Return the machine's engine, or else a private one with a base image made from Debian's packages."""
    if found := machine_engine(tmp_path_factory.mktemp("engine")):
        yield found
        return
    if not CAN_HAVE_ITS_OWN:
        pytest.exit("The tests of the image need Docker or Podman, or root on Debian to start their own.", returncode=2)
    with private_engine() as engine:
        make_images(engine)
        yield engine


def make_images(engine):
    """Make the base image, and those of the services beside ours, at once: each waits for its packages by itself."""
    with ThreadPoolExecutor() as threads:
        made = [threads.submit(make_debian_image, engine, package) for package in ("haproxy", "prometheus")]
        for each in (threads.submit(make_base_image, engine), *made):
            each.result()


def machine_engine(folder: Path):
    """Return the first engine on this machine that answers, or None."""
    for client in ("docker", "podman"):
        engine = Engine(client, dict(os.environ), ("--network", "host"), folder)
        if shutil.which(client) and engine.attempt("info").returncode == 0:
            return engine
    return None


@pytest.fixture(scope="session")
def made(engine, bentoml_home, tmp_path_factory):
    """Do what the README says in a clean clone of this code, and return what make image left: see Made."""
    folder, home = tmp_path_factory.mktemp("project") / "iris", tmp_path_factory.mktemp("home")
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "__pycache__", "dist"))
    shutil.copy(ROOT / ".gitignore", folder)
    commit = ["git", "-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "--quiet", "--message", "x"]
    for command in (["git", "init", "--quiet"], ["git", "add", "--all"], commit):
        subprocess.run(command, cwd=folder, check=True, timeout=60)
    made = make_image(engine, folder, copy_of_store(bentoml_home, home))
    yield made
    engine.attempt("rmi", "--force", made.image)


def make_image(engine, folder, home, umask=0o022, target="image", **variables):
    """Run make image, or another target, in a clone, with a store, and return what it left."""
    image = f"localhost/iris-test/{uuid.uuid4().hex[:12]}"
    variables = environment(home, **engine.environment) | {"BENTOML_HOME": str(home)} | variables
    make = ["make", f"VENV={sys.prefix}", f"--old-file={sys.prefix}/.complete", target, f"IMAGE={image}"]
    command = [*make, f"NETWORK={engine.network[1]}"]
    done = subprocess.run(command, cwd=folder, env=variables, umask=umask, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    tag, bill = (re.search(rf"^  {what}  ([^\s,]+)", done.stdout, re.MULTILINE).group(1) for what in ("image", "parts"))
    return Made(tag, done.stdout, folder / bill, folder, home)


@pytest.fixture(scope="session")
def image(made):
    """Return the name of the image to ship."""
    return made.image


@pytest.fixture(scope="session")
def haproxy_image(engine):
    """Return the name of an image with HAProxy."""
    return image_beside(engine, "haproxy")


@pytest.fixture(scope="session")
def prometheus_image(engine):
    """Return the name of an image with Prometheus."""
    return image_beside(engine, "prometheus")


def image_beside(engine, package):
    """Return the name of Debian's image, which a private engine has, or of the one that the machine's will pull."""
    if engine.attempt("image", "inspect", debian_name(package)).returncode == 0:
        return debian_name(package)
    compose = (ROOT / "deploy" / "compose.yaml").read_text()
    return re.search(rf"{package.upper()}_IMAGE:-([^}}]+)", compose).group(1)
