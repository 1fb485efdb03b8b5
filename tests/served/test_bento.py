"""The Bento: what is in it, that it stands alone, and that it stays as it was built."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import requests
import yaml

from tests.docs.test_readme import README
from tests.support.kernels import LIBRARIES
from tests.support.projects import copy_of_project
from tests.support.servers import ROOT, copy_of_store, environment, serving

ROWS = {"instances": [[5.1, 3.5, 1.4, 0.2]]}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a copy of the project, which tests may edit."""
    return copy_of_project(tmp_path_factory.mktemp("project"))


def make_bento(project, home, **variables):
    """Do what "make bento" does and return its output."""
    command, env = [sys.executable, "-m", "tools.build_bento"], environment(home, **variables)
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def home(bentoml_home, project, tmp_path_factory):
    """Return a store in which the Bento was built."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("built"))
    make_bento(project, home)
    return home


@pytest.fixture(scope="module")
def exported(home, tmp_path_factory):
    """Return the exported Bento, a tar file."""
    folder = tmp_path_factory.mktemp("exported")
    as_in_readme("bentoml export", home, folder)
    return folder / "iris.bento"


def as_in_readme(beginning, home, cwd):
    """Run the README's one line that begins so."""
    (line,) = re.findall(rf"^{beginning} .*$", README, re.MULTILINE)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["sh", "-c", line], cwd=cwd, env=environment(home, PATH=path), check=True, timeout=60)


@pytest.fixture(scope="module")
def opened(exported, tmp_path_factory):
    """Return the folder with what the exported Bento holds."""
    folder = tmp_path_factory.mktemp("opened")
    with tarfile.open(exported) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def serving_python(opened, tmp_path_factory):
    """Return the Python of an environment made only from the Bento's own requirements, as the image makes it."""
    venv = tmp_path_factory.mktemp("serving")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, "--clear", venv], check=True, timeout=60)
    install = [*uv, "pip", "install", "--quiet", "--python", str(venv / "bin" / "python"), "-r", "requirements.txt"]
    subprocess.run(install, cwd=opened / "env" / "python", check=True, timeout=300)
    return str(venv / "bin" / "python")


def files(folder):
    """Return the relative paths of all files."""
    return {path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file()}


def test_it_holds_what_serving_needs(opened):
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "forest_serving").rglob("*.*") if path.is_file()}
    wanted = {"service.py", "configuration.yaml", "bentofile.yaml", "requirements.txt", *package}
    assert files(opened / "src") == {name for name in wanted if "__pycache__" not in name}
    assert (opened / "README.md").read_text() == (ROOT / "README.md").read_text()


def test_it_holds_the_kernel_of_every_platform(opened):
    """A Bento built here may be served elsewhere."""
    assert files(opened / "src" / "forest_serving" / "kernel" / "libraries") == LIBRARIES


def test_it_holds_the_one_compiled_model_and_no_pickle(opened):
    models = {name for name in files(opened / "models") if name.count("/") > 1}
    assert sorted(Path(name).name for name in models) == [
        "MODEL_CARD.md",
        "engine.npz",
        "explanation.npz",
        "model.yaml",
    ]
    assert not [name for name in files(opened) if re.search(r"pickle|pkl|joblib|cloudpickle|tests/|benchmarks/", name)]


def test_it_installs_the_versions_that_were_locked_and_tested(opened, serving_python):
    freeze = [sys.executable, "-m", "uv", "pip", "freeze", "--python", serving_python]
    installed = set(subprocess.run(freeze, capture_output=True, text=True, check=True, timeout=60).stdout.split())
    locked = set(re.findall(r"^(\S+==\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert "bentoml" in {name.partition("==")[0] for name in installed}
    assert installed <= locked
    assert not {name.partition("==")[0] for name in installed} & {"scikit-learn", "scipy", "pandas", "joblib"}


def test_it_serves_from_an_empty_home_with_only_its_own_requirements(exported, serving_python, tmp_path):
    as_in_readme("bentoml import", tmp_path, exported.parent)
    with serving("iris_classifier:latest", home=tmp_path, cwd=tmp_path, python=serving_python) as url:
        assert requests.post(f"{url}/predict", json=ROWS, timeout=5).json() == {"predictions": [0]}
    assert "iris_classifier" in config_in_force(tmp_path)


def test_it_serves_as_the_image_starts_it(opened, serving_python, tmp_path):
    """The image copies the Bento to one folder, points BENTOML_CONFIG into it, and serves that folder."""
    variables = {env["name"]: env["value"] for env in yaml.safe_load((opened / "bento.yaml").read_text())["envs"]}
    in_image, in_bento = variables["BENTOML_CONFIG"], opened / "src" / "configuration.yaml"
    assert in_image == f"/home/bentoml/bento/{in_bento.relative_to(opened)}"
    with serving(str(opened), home=tmp_path, cwd=opened, python=serving_python, BENTOML_CONFIG=str(in_bento)) as url:
        assert requests.post(f"{url}/predict", json=ROWS, timeout=5).json() == {"predictions": [0]}
    assert config_in_force(tmp_path) == str(in_bento)


def config_in_force(home):
    """Return the configuration file that a server's log names."""
    return re.search("override from path: (.*)", (home / "server.log").read_text()).group(1)


def test_another_clone_builds_the_same_files_but_for_the_time(project, home, bentoml_home, tmp_path):
    """BentoML writes when a Bento was built; all else follows from what goes into it."""
    other = shutil.copytree(project, tmp_path / "another clone")
    make_bento(other, copy_of_store(bentoml_home, tmp_path / "home"), TZ="Pacific/Apia", PYTHONHASHSEED="7")
    assert contents(tmp_path / "home" / "bentos") == contents(home / "bentos")


def contents(folder):
    """Return what is in each file below a folder; of bento.yaml, all but the time."""
    time = re.compile(rb"^creation_time: .*$", re.MULTILINE)
    found = {name: (folder / name).read_bytes() for name in files(folder)}
    (told,) = (name for name in found if time.search(found[name]))
    return found | {told: time.sub(b"", found[told])}


def test_building_again_does_nothing_until_something_changes(project, home):
    assert "has the same content already" in make_bento(project, home)
    (project / "README.md").write_text("changed")
    assert "built iris_classifier:" in make_bento(project, home)


def test_a_bento_whose_model_is_gone_is_built_again(project, home, tmp_path):
    """In the store a Bento only points to its model; the same model trained anew has another tag."""
    moved = copy_of_store(home, tmp_path)
    shutil.rmtree(moved / "models")
    assert "built iris_classifier:" in make_bento(project, moved)
    with serving("iris_classifier:latest", home=moved, cwd=tmp_path) as url:
        assert requests.post(f"{url}/predict", json=ROWS, timeout=5).json() == {"predictions": [0]}


def test_it_serves_the_code_and_model_it_was_built_with(bentoml_home, project, tmp_path):
    """Also in the project's folder, after the working tree and the store have moved on."""
    home = copy_of_store(bentoml_home, tmp_path)
    make_bento(project, home)
    (locked,) = (path.name for path in (home / "models" / "iris_compiled").iterdir() if path.is_dir())
    train = [sys.executable, "train_and_save.py", "--trees", "3"]
    subprocess.run(train, cwd=project, env=environment(home), check=True, capture_output=True, timeout=120)
    service = project / "service.py"
    service.write_text(service.read_text().replace("class IrisClassifier", "class EditedClassifier"))
    with serving("iris_classifier:latest", home=home, cwd=project) as url:
        assert requests.get(f"{url}/model", timeout=5).json()["version"] == locked
        assert requests.get(f"{url}/schema.json", timeout=5).json()["name"] == "IrisClassifier"
