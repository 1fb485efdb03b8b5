"""host/ takes hold of what BentoML, its fork of Circus and uvicorn are: only versions that were tried are let in."""

import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement

from tests.support.servers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BOUNDED = {r.name: r for r in map(Requirement, PROJECT["dependencies"])}


@pytest.mark.parametrize("name", ["bentoml", "kantoku", "uvicorn"])
def test_the_installed_version_is_one_that_is_asked_for(name):
    assert version(name) in BOUNDED[name].specifier


@pytest.mark.parametrize("name", ["bentoml", "kantoku", "uvicorn"])
def test_versions_that_nobody_tried_are_not_installed(name):
    assert "99.0" not in BOUNDED[name].specifier
