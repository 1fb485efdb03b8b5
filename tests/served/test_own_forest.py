"""Another model than Iris, through the same service: make serve, make bento, the Bento, with no file edited."""

import shutil
import subprocess
import sys

import pytest
import requests
import yaml

from tests.support.models import ROWS, forest_of, save_in
from tests.support.servers import ROOT, bentoml, copy_of_store, environment, serving


@pytest.fixture(scope="module")
def built(bentoml_home, tmp_path_factory):
    """Build the Bento of a model called cellar; return the model's tag, and the home, which has Iris' model too."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("own"))
    tag = save_in(home, "cultivars", "cellar")
    command, env = [sys.executable, "-m", "tools.build_bento"], environment(home, FOREST_MODEL="cellar")
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert "built cellar_classifier:" in done.stdout, done.stderr
    assert "Next: bentoml serve cellar_classifier:latest" in done.stdout
    return tag, home


def test_the_bento_serves_that_model_exactly_as_its_forest(built, tmp_path):
    """Also when it has become another than the newest one."""
    tag, home = built
    save_in(home, "cultivars", "cellar", seed=1)
    with serving("cellar_classifier:latest", home=home, cwd=tmp_path) as url:
        about = requests.get(f"{url}/model", timeout=5).json()
        reply = requests.post(f"{url}/predict_proba", json={"instances": ROWS.tolist()}, timeout=20).json()
    assert about["tag"] == tag
    assert reply["predictions"] == forest_of("cultivars").predict(ROWS).tolist()
    assert reply["probabilities"] == forest_of("cultivars").predict_proba(ROWS).tolist()


def test_no_other_bento_is_touched(built):
    """So that iris_classifier:latest stays Iris."""
    assert [folder.name for folder in (built[1] / "bentos").iterdir()] == ["cellar_classifier"]


def test_what_the_bento_says_of_itself_is_said_of_its_model(built):
    tag, home = built
    bentos = home / "bentos" / "cellar_classifier"
    bento = bentos / (bentos / "latest").read_text()
    told = "".join((bento / file).read_text() for file in ("README.md", "bento.yaml", "src/bentofile.yaml"))
    assert told.count(tag) >= 3
    assert "alcohol" in told
    assert not {word for word in ("petal", "sepal", "setosa", "iris_compiled") if word in told}


def test_a_bento_whose_model_is_gone_serves_no_other_one_in_its_place(built, tmp_path):
    tag, home = built
    moved = copy_of_store(home, tmp_path)
    assert save_in(moved, "cultivars", "cellar", seed=2) != tag
    shutil.rmtree(moved / "models" / tag.replace(":", "/"))
    done = bentoml("serve", "cellar_classifier:latest", home=moved, cwd=tmp_path)
    assert done.returncode != 0
    assert f'No model "{tag}" in the BentoML store.' in done.stderr


def test_the_alias_is_the_one_that_the_shipped_bentofile_has():
    from forest_serving.host.model_choice import ALIAS

    (model,) = yaml.safe_load((ROOT / "bentofile.yaml").read_text())["models"]
    assert model == {"tag": "iris_compiled:latest", "alias": ALIAS}


def test_a_model_that_is_not_there_is_one_sentence_that_says_how_to_make_it(tmp_path):
    command, env = [sys.executable, "-m", "tools.build_bento"], environment(tmp_path, FOREST_MODEL="wine")
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        'No model "wine_compiled" in the BentoML store. Save one with forest_serving.save("wine"'
    )
    assert len(done.stderr.splitlines()) == 1
