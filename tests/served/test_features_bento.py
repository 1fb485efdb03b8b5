"""The Bento of the service Features, as "make bento-features" builds it: in a store without a model."""

import subprocess
import sys

import pytest
import requests
import yaml

from tests.support.servers import ROOT, environment, serving

PACKAGE = "src/forest_serving"


def make_bento(home):
    """Do what "make bento-features" does and return its output."""
    command = [sys.executable, "-m", "tools.build_features"]
    done = subprocess.run(command, cwd=ROOT, env=environment(home), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a store in which the Bento was built."""
    home = tmp_path_factory.mktemp("home")
    make_bento(home)
    return home


@pytest.fixture(scope="module")
def bento(home):
    """Return the Bento's folder."""
    versions = home / "bentos" / "features"
    return versions / (versions / "latest").read_text()


def test_it_holds_no_model_no_engine_no_kernel_and_no_training(bento):
    files = {path.relative_to(bento).as_posix() for path in bento.rglob("*") if path.is_file()}
    assert "src/features_service.py" in files
    left_out = ("models/", *(f"{PACKAGE}/{folder}/" for folder in ("explain", "kernel/libraries", "training")))
    assert not [name for name in files if name.startswith(left_out)]
    assert [name for name in files if name.startswith(f"{PACKAGE}/engines/")] == [f"{PACKAGE}/engines/__init__.py"]


def test_equal_content_is_not_built_again(home):
    assert "has the same content already" in make_bento(home)


def test_it_serves_out_of_the_store(home, tmp_path):
    with serving("features:latest", home=home, cwd=tmp_path, FOREST_FEATURES=str(tmp_path / "features")) as url:
        reply = requests.post(f"{url}/features:lookup", json={"ids": ["nobody"]}, timeout=10)
    assert reply.json() == {"records": [None]}


def test_its_bentofile_differs_from_the_classifier_s_in_nothing_but_what_it_serves():
    """What one of them needs of BentoML, the other needs, too."""
    ours, theirs = (yaml.safe_load((ROOT / name).read_text()) for name in ("bentofile.features.yaml", "bentofile.yaml"))
    assert {key: ours[key] for key in ("labels", "python", "envs")} == {
        key: theirs[key] for key in ("labels", "python", "envs")
    }
