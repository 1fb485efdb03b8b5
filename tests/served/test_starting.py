"""Starting: the three ways that the README names, and what happens without a usable model."""

import json
import re
import shutil
import subprocess
import sys
import time

import pytest
import requests

from tests.support.models import ROWS as WINE
from tests.support.models import forest_of, save_in
from tests.support.servers import ROOT, bentoml, copy_of_store, environment, serving

ROWS = {"instances": [[5.1, 3.5, 1.4, 0.2]]}


@pytest.mark.parametrize("target", [(), ("service:IrisClassifier",)], ids=["bentoml serve", "bentoml serve service:…"])
def test_the_folder_is_served_with_its_configuration(bentoml_home, tmp_path, target):
    """Which supervisor and worker each read."""
    with serving(*target, home=copy_of_store(bentoml_home, tmp_path)) as url:
        assert requests.post(f"{url}/predict", json=ROWS, timeout=5).json() == {"predictions": [0]}
    read = re.findall(
        r"\[(\w+)[^]]*\] Applying user config override from path: (.*)", (tmp_path / "server.log").read_text()
    )
    assert read == [(program, str(ROOT / "configuration.yaml")) for program in ("cli", "entry_service")]


@pytest.mark.parametrize(
    ("kind", "model", "example"), [("wine", "wine", 0), ("cultivars", "cellar_compiled:latest", "Barolo")]
)
def test_another_model_is_served_under_its_own_name_with_its_own_labels(tmp_path, kind, model, example):
    tag = save_in(tmp_path, kind, model.partition("_")[0])
    with serving(home=tmp_path, FOREST_MODEL=model) as url:
        about = requests.get(f"{url}/model", timeout=5).json()
        reply = requests.post(f"{url}/predict_proba", json={"instances": WINE.tolist()}, timeout=20).json()
        assert requests.post(f"{url}/predict", json={"instances": WINE[:1].tolist()}, timeout=5).json() == {
            "predictions": [example]
        }
    forest = forest_of(kind)
    assert about["tag"] == tag
    assert reply["predictions"] == forest.predict(WINE).tolist()
    assert reply["probabilities"] == forest.predict_proba(WINE).tolist()


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({}, 'No model "iris_compiled" in the BentoML store. Run: python train_and_save.py'),
        ({"FOREST_MODEL": "a b"}, "FOREST_MODEL must be a model"),
        ({"FOREST_MODEL": "wine"}, 'No model "wine_compiled" in the BentoML store. Save one with forest_serving.save('),
        ({"FOREST_MODEL": "wine:v1"}, 'No model "wine_compiled:v1" in the BentoML store. Choose one that is there'),
        (
            {"FOREST_MAX_BODY_BYTES": "much"},
            "FOREST_MAX_BODY_BYTES must be a whole number of 1000 or more; it is 'much'.",
        ),
    ],
    ids=["no model", "wrong tag", "no other model", "no such version", "wrong limit"],
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
    with serving(home=home, FOREST_MODEL="iris:older") as url:
        assert requests.get(f"{url}/model", timeout=5).json()["tag"] == "iris_compiled:older"


EVERYWHERE = "0.0.0.0"  # noqa: S104 - compared, never listened on
OTHER_VALUES = {"1": "3", "10": "11", EVERYWHERE: "127.0.0.2", "3000": "4711", '".*"': '"x"', "false": "true"}
# What BentoML's own parts use, not what it merged: it ignores misplaced and mistyped keys in silence.
IN_FORCE = """
import json
import bentoml_cli.cli  # as "bentoml" does: elsewhere importing the service sets no configuration
import service
from _bentoml_impl.server.allocator import ResourceAllocator
from _bentoml_impl.server.app import ServiceAppFactory
from bentoml._internal.configuration.containers import BentoMLContainer as container

service.IrisClassifier.inject_config()
app = ServiceAppFactory(service.IrisClassifier)
print(json.dumps({
    "workers: 1": ResourceAllocator().get_worker_env(service.IrisClassifier)[0] == 1,
    "timeout: 10": app.timeout == 10,
    "host: 0.0.0.0": container.http.host.get() == "0.0.0.0",
    "port: 3000": container.http.port.get() == 3000,
    'excluded_urls: ".*"': container.tracing_excluded_urls.get().url_disabled("http://localhost/livez"),
    "metrics: enabled: false": not app.enable_metrics,
    "access: enabled: false": not container.api_server_config.logging.access.enabled.get(),
}))
"""


def in_force(home, **variables):
    """Return which of the shipped values are in force."""
    command, env = [sys.executable, "-c", IN_FORCE], environment(home, **variables)
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout.splitlines()[-1])


def test_each_value_of_configuration_yaml_takes_effect(bentoml_home, tmp_path):
    assert all(in_force(copy_of_store(bentoml_home, tmp_path)).values())


def test_each_key_of_configuration_yaml_is_one_that_bentoml_reads(bentoml_home, tmp_path):
    """Some shipped values equal BentoML's defaults; with every value changed, none of them may stay in force."""
    text = (ROOT / "configuration.yaml").read_text()
    for value, other in OTHER_VALUES.items():
        text = re.sub(rf": {re.escape(value)}(?=\s)", f": {other}", text)
    (tmp_path / "changed.yaml").write_text(text)
    home = copy_of_store(bentoml_home, tmp_path)
    assert not any(in_force(home, BENTOML_CONFIG=str(tmp_path / "changed.yaml")).values())


def test_one_value_can_be_changed_from_the_environment(bentoml_home, tmp_path):
    home = copy_of_store(bentoml_home, tmp_path)
    with serving(home=home, BENTOML_CONFIG_OPTIONS="services.IrisClassifier.workers=2") as url:
        assert requests.get(f"{url}/readyz", timeout=5).ok
        deadline = time.monotonic() + 15
        while "IrisClassifier:2] Service IrisClassifier initialized" not in (home / "server.log").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
