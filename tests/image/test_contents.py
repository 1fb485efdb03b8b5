"""What the image holds, and what it says about itself."""

import json
import re
import subprocess

import pytest
import yaml

from tests.support.image.tutorial import make_tutorial_image
from tests.support.kernels import LIBRARIES
from tests.support.servers import ROOT


@pytest.fixture(scope="module")
def facts(engine, image):
    """Return what the engine knows about the image."""
    return json.loads(engine.run("image", "inspect", image))[0]


@pytest.fixture(scope="module")
def config(facts):
    return facts["Config"]


def inside(engine, image, *command, user="0"):
    """Return what a command prints in the image, run as root so that nothing is hidden from it."""
    arguments = ["--rm", "--network", "none", "--user", user, image, *command]
    return engine.run("run", *arguments, timeout_s=120)


def test_it_is_at_most_35_percent_of_what_bentoml_makes_of_its_tutorial(engine, image, facts, tmp_path):
    with make_tutorial_image(engine, tmp_path) as tutorial:
        size = int(engine.run("image", "inspect", "--format", "{{.Size}}", tutorial))
    print(f"{facts['Size'] / 1e6:.0f} MB, tutorial {size / 1e6:.0f} MB")
    assert facts["Size"] <= 0.35 * size


@pytest.mark.parametrize("program", ["gcc", "cc", "c99", "clang", "tcc", "zig", "ld", "as", "make", "git"])
def test_it_has_no_compiler_and_no_git(engine, image, program):
    assert inside(engine, image, "sh", "-c", f"command -v {program} || echo none") == "none"


@pytest.mark.parametrize("program", ["pip", "uv"])
def test_nothing_to_install_packages_with_is_added_to_the_base_image(engine, image, program):
    assert inside(engine, image, "sh", "-c", f"find /app /home /root -name {program}") == ""


def test_it_has_no_training_tests_caches_or_sources(engine, image):
    names = "sklearn scipy pandas joblib tests test .cache __MACOSX .git"
    found = " -o ".join(f"-name {name}" for name in names.split())
    shown = inside(engine, image, "find", "/app", "/home", "/root", "/tmp", *f"( {found} -o -name *.c )".split())
    assert shown == ""


def test_it_has_the_kernel_for_each_kind_of_linux_machine(engine, image):
    shown = inside(engine, image, "find", "/home/bentoml/bento/src/forest_serving/kernel/libraries", "-name", "*.so")
    assert {path.rpartition("/")[2] for path in shown.split()} == {name for name in LIBRARIES if name.endswith(".so")}


def test_nothing_of_it_is_writable_for_its_user_but_tmp(engine, image):
    places = "find / -xdev -writable -not -type l -not -path '/proc/*' -not -path '/dev/*' 2>/dev/null || true"
    shown = inside(engine, image, "sh", "-c", places, user="1034:0")
    assert {path for path in shown.split() if not path.startswith("/tmp")} <= {"/var/tmp", "/run/lock", "/var/lock"}


def test_it_starts_as_a_user_without_privileges_in_exec_form(config):
    uid, _, group = config["User"].partition(":")
    assert (int(uid) > 0, group) == (True, "0")
    assert config["Entrypoint"][0].startswith("/")
    assert config["StopSignal"] == "SIGTERM"
    assert config["Healthcheck"]["Test"][0] == "CMD"


def test_its_labels_say_which_code_and_model_it_is(made, config):
    labels, version = config["Labels"], made.image.rpartition(":")[2]
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=made.folder, capture_output=True, text=True, check=True)
    (model,) = (made.home / "models" / "iris_compiled").glob("*/model.yaml")
    stored = yaml.safe_load(model.read_text())
    assert {name.rpartition(".")[2]: value for name, value in labels.items() if "image" in name} == {
        "title": "iris_classifier",
        "version": version,
        "revision": head.stdout.strip(),
        "licenses": "Apache-2.0",
        "name": "python:3.11-slim",
    }
    assert labels["forest.model.tag"] == f"iris_compiled:{stored['version']}"
    assert labels["forest.model.sha256"] == stored["metadata"]["engine_sha256"]


def test_it_sets_the_variables_that_bentoml_would(made, config):
    """The layer to ship starts from a clean base, so what bentofile.yaml sets is repeated there."""
    wanted = {f"{env['name']}={env['value']}" for env in yaml.safe_load((ROOT / "bentofile.yaml").read_text())["envs"]}
    assert wanted <= set(config["Env"])


def test_the_run_line_is_printed_with_the_images_name(made, engine):
    assert f"\n  {engine.client} run --rm -p 3000:3000 {made.image}\n" in made.output


def test_the_bill_of_materials_is_the_lock(made, engine):
    """Every package in the image is one of the locked ones, and every locked one for this Python is in the image."""
    bill = json.loads(made.bill.read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    parts = {part["purl"] for part in bill["components"]}
    listed = {purl.removeprefix("pkg:pypi/") for purl in parts if purl.startswith("pkg:pypi/")}
    version = inside(engine, made.image, "python", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
    assert listed == {f"{name}@{number}" for name, number in locked(version)}
    assert any(purl.startswith("pkg:deb/debian/libc6@") for purl in parts)


def locked(python_version):
    """Return the name and version of each package that requirements.txt has for Linux and this Python."""
    from packaging.requirements import Requirement

    lines = re.findall(r"^([a-z0-9][^\\\n]*?) \\$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    surroundings = {"python_version": python_version, "python_full_version": f"{python_version}.1"}
    for requirement in map(Requirement, lines):
        if not requirement.marker or requirement.marker.evaluate(surroundings):
            yield requirement.name, next(iter(requirement.specifier)).version
