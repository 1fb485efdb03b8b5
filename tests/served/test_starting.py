"""Starting: the three ways that the README names, and what happens without a usable model."""

import json
import shutil
import subprocess
import sys
import time

import pytest
import requests

from tests.servers import ROOT, bentoml, copy_of_store, environment, serving

ROWS = {"instances": [[5.1, 3.5, 1.4, 0.2]]}


@pytest.mark.parametrize("target", [(), ("service:IrisClassifier",)], ids=["bentoml serve", "bentoml serve service:…"])
def test_the_folder_is_served(bentoml_home, tmp_path, target):
    with serving(*target, home=copy_of_store(bentoml_home, tmp_path)) as url:
        assert requests.post(f"{url}/predict", json=ROWS, timeout=5).json() == {"predictions": [0]}


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({}, 'No model "iris_compiled" in the BentoML store. Run: python train_and_save.py'),
        ({"IRIS_MODEL": "a b"}, "IRIS_MODEL must be a model tag"),
        ({"IRIS_MAX_BODY_BYTES": "much"}, "IRIS_MAX_BODY_BYTES must be a whole number above 0; it is 'much'."),
    ],
    ids=["no model", "wrong tag", "wrong limit"],
)
def test_without_what_it_needs_the_server_says_one_sentence_and_ends(tmp_path, variables, sentence):
    done = bentoml("serve", home=tmp_path, **variables)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_damaged_model_is_one_sentence_and_no_restarts(bentoml_home, tmp_path):
    home = copy_of_store(bentoml_home, tmp_path)
    (engine,) = (home / "models" / "iris_compiled").glob("*/engine.npz")
    engine.write_bytes(b"damaged")
    done = bentoml("serve", home=home)
    assert done.returncode != 0
    assert "is not the one that was saved. Run: python train_and_save.py" in done.stderr


def test_an_older_model_can_be_served_by_its_tag(bentoml_home, tmp_path):
    home = copy_of_store(bentoml_home, tmp_path)
    (old,) = (home / "models" / "iris_compiled").glob("*/model.yaml")
    shutil.copytree(old.parent, old.parent.with_name("older"))
    copied = old.parent.with_name("older") / "model.yaml"
    copied.write_text(copied.read_text().replace(f"version: {old.parent.name}", "version: older"))
    with serving(home=home, IRIS_MODEL="iris_compiled:older") as url:
        assert requests.get(f"{url}/model", timeout=5).json()["tag"] == "iris_compiled:older"


def test_configuration_yaml_takes_effect_value_by_value(bentoml_home, tmp_path):
    """BentoML ignores misplaced and mistyped keys in silence, so each value is read back from its own container."""
    code = (
        "import json, service; service.IrisClassifier.inject_config();"
        "from bentoml._internal.configuration.containers import BentoMLContainer as container;"
        "print(json.dumps([container.config.services.IrisClassifier.get(), container.api_server_config.get(),"
        "container.http.port.get(), container.tracing_excluded_urls.get() is not None]))"
    )
    in_force, api_server, port, excludes = read_back(code, copy_of_store(bentoml_home, tmp_path))
    assert in_force["workers"] == 1
    assert in_force["traffic"]["timeout"] == 10
    assert (api_server["metrics"]["enabled"], api_server["logging"]["access"]["enabled"]) == (False, False)
    assert (api_server["http"]["host"], port, excludes) == ("0.0.0.0", 3000, True)  # noqa: S104


def read_back(code, home):
    """Run code in the project's folder and return the JSON that it prints last."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(home), capture_output=True, text=True, timeout=60
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_one_value_can_be_changed_from_the_environment(bentoml_home, tmp_path):
    home = copy_of_store(bentoml_home, tmp_path)
    with serving(home=home, BENTOML_CONFIG_OPTIONS="services.IrisClassifier.workers=2") as url:
        assert requests.get(f"{url}/readyz", timeout=5).ok
        deadline = time.monotonic() + 15
        while "IrisClassifier:2] Service IrisClassifier initialized" not in (home / "server.log").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
