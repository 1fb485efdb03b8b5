"""The package, installed from its wheel into an empty environment, and used in a folder that is not the project's."""

import json
import subprocess
import sys
import zipfile

import pytest
import requests

from forest_serving import __version__
from tests.support.kernels import LIBRARIES
from tests.support.servers import ROOT, environment, serving

SAVE = """
import json
import forest_serving
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier

X, y = load_wine(return_X_y=True, as_frame=True)
forest = RandomForestClassifier(5, max_depth=2, random_state=0).fit(X, y)
forest_serving.save("wine", forest, X, y)
print(json.dumps([X.values[::50].tolist(), forest.predict(X[::50]).tolist()]))
"""


def run(*command, cwd=ROOT, home="", **variables):
    """Return what a command prints; it must end well."""
    done = subprocess.run(
        command, cwd=cwd, env=environment(home, **variables), capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return the wheel that "make wheel" builds."""
    folder = tmp_path_factory.mktemp("dist")
    run("make", "wheel", f"VENV={sys.prefix}", f"--old-file={sys.prefix}/.complete", f"DIST={folder}")
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """Return the Python of an environment with the wheel, and with what it says that it needs to train and serve."""
    venv, uv = tmp_path_factory.mktemp("installed"), (sys.executable, "-m", "uv")
    run(*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(venv))
    python = str(venv / "bin" / "python")
    wanted = f"forest-serving[train] @ {wheel.as_uri()}"
    run(*uv, "pip", "install", "--quiet", "--python", python, "--constraint", "requirements-dev.txt", wanted)
    return python


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def saved(python, home):
    """Save a forest in the home; return some rows and what it predicts for them."""
    return json.loads(run(python, "-c", SAVE, cwd=home, home=home).splitlines()[-1])


def test_the_wheel_holds_every_file_of_the_package(wheel):
    files = {file.relative_to(ROOT).as_posix() for file in (ROOT / "forest_serving").rglob("*") if file.is_file()}
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in files if "__pycache__" not in name} <= packed
    assert {name.partition("/")[0].partition("-")[0] for name in packed} == {"forest_serving"}


def test_the_wheel_holds_the_kernel_of_every_platform(wheel):
    """A wheel built here is installed elsewhere."""
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if "/libraries/" in name}
    assert packed == {f"forest_serving/kernel/libraries/{name}" for name in LIBRARIES}


def test_it_has_the_version_that_the_package_says(wheel):
    assert wheel.name.startswith(f"forest_serving-{__version__}-")


def test_it_is_imported_from_where_it_is_installed(python, home):
    file = run(python, "-c", "import forest_serving; print(forest_serving.__file__)", cwd=home, home=home)
    assert file.startswith(python.removesuffix("bin/python"))


def test_its_commands_are_there(python, home):
    assert "FOREST_MAX_ROWS" in run(python, "-m", "forest_serving", "settings", cwd=home, home=home)


def test_it_has_the_kernel_where_it_is_installed(python, home):
    check = "from forest_serving.kernel.library import kernel; print(kernel() is not None)"
    assert run(python, "-c", check, cwd=home, home=home) == "True\n"


def test_a_project_that_new_writes_serves_what_was_saved(python, home, saved):
    rows, labels = saved
    run(python, "-m", "forest_serving", "new", "wine_service", "--model", "wine", cwd=home, home=home)
    with serving(home=home, cwd=home / "wine_service", python=python) as url:
        reply = requests.post(f"{url}/predict", json={"instances": rows}, timeout=10)
    assert reply.json() == {"predictions": labels}
