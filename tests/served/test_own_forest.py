"""The README's section "Serve your own forest", done as it says, for wine."""

import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import requests
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier

from tests.docs.test_readme import README, blocks
from tests.support.servers import ROOT, environment, serving


def replace(path, old, new):
    """Replace what must stand in a file exactly once."""
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} in {path}"
    path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def wine(tmp_path_factory):
    """Return a copy of the project after the README's steps 1 to 3, and an empty home."""
    copy = tmp_path_factory.mktemp("wine") / "project"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "tests"))
    (block,) = (block for block in blocks("python") if block.startswith("MODEL_NAME"))
    schema = copy / "forest_serving" / "schema.py"
    (constants,) = re.findall(r"^MODEL_NAME = .*?^EXAMPLE_ROW = [^\n]*\n", schema.read_text(), re.DOTALL | re.MULTILINE)
    replace(schema, constants, block)
    replace(copy / "forest_serving" / "dataset.py", "load_iris", "load_wine")
    text = (copy / "bentofile.yaml").read_text()
    (copy / "bentofile.yaml").write_text(text.replace("iris_compiled", "wine_compiled"))
    return copy, tmp_path_factory.mktemp("wine_home")


def run(wine, *command):
    """Run a command of the project and return what it printed."""
    project, home = wine
    done = subprocess.run(
        [sys.executable, *command], cwd=project, env=environment(home), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_readmes_steps_serve_wine_exactly_as_its_forest(wine):
    assert "`load_wine` in place of `load_iris`" in README
    assert "compiled to a flat forest" in run(wine, "train_and_save.py")
    assert "nodes of 100 trees equal scikit-learn's" in run(wine, "-m", "forest_serving.engines", "prove")
    data, target = load_wine(return_X_y=True)
    forest = RandomForestClassifier(random_state=0, n_jobs=1).fit(data, target)
    with serving(home=wine[1], cwd=wine[0]) as url:
        reply = requests.post(f"{url}/predict_proba", json={"instances": data.tolist()}, timeout=30).json()
        example = requests.get(f"{url}/docs.json", timeout=5).json()["components"]["schemas"]["Request"]["example"]
        assert requests.post(f"{url}/predict", json=example, timeout=5).json() == {"predictions": [0]}
    assert (np.array(reply["probabilities"]) == forest.predict_proba(data)).all()


def test_the_readmes_steps_build_a_bento_of_wine(wine):
    assert "built iris_classifier:" in run(wine, "-m", "tools.build_bento")
