"""python -m forest_serving new: a project of one's own, out of a stored model."""

import ast
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import requests
import yaml

from forest_serving import __version__
from forest_serving.card import Feature
from forest_serving.errors import OperatorError
from forest_serving.host.new_command import class_name, main, welcome, write_project
from tests.support.cards import card
from tests.support.models import ROWS, forest_of, save_in
from tests.support.regression import regression_card
from tests.support.servers import ROOT, copy_of_store, environment, serving


def run(*command, home, cwd):
    """Run a program that finds the package, as where it is installed; return what it printed."""
    env = environment(home, PYTHONPATH=str(ROOT))
    done = subprocess.run([sys.executable, *command], cwd=cwd, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a BentoML home with a model called churn."""
    home = tmp_path_factory.mktemp("churn")
    save_in(home, "cultivars", "churn")
    return home


@pytest.fixture(scope="module")
def project(home, tmp_path_factory):
    """Return the folder of a new project."""
    work = tmp_path_factory.mktemp("work")
    output = run("-m", "forest_serving", "new", "churn_service", "--model", "churn", home=home, cwd=work)
    assert "cd churn_service\n  bentoml serve" in output
    return work / "churn_service"


@pytest.fixture(scope="module")
def url(project, home):
    """Serve the project, from its own folder."""
    with serving(home=home, cwd=project, PYTHONPATH=str(ROOT)) as url:
        yield url


def test_the_projects_own_test_passes(project, home):
    assert "1 passed" in run("-m", "pytest", "-q", home=home, cwd=project)


def test_the_project_is_served_with_its_own_configuration(url, project, home):
    reply = requests.post(f"{url}/predict", json={"instances": ROWS.tolist()}, timeout=20)
    assert reply.json() == {"predictions": forest_of("cultivars").predict(ROWS).tolist()}
    assert f"override from path: {project / 'configuration.yaml'}" in (home / "server.log").read_text()


def test_the_readmes_request_is_one_that_this_model_answers(url, project):
    body = re.search(r"-d '(.*)'$", (project / "README.md").read_text(), re.MULTILINE).group(1)
    assert requests.post(f"{url}/predict", data=body, headers={"Content-Type": "application/json"}, timeout=20).ok


def test_the_projects_bento_is_built_and_served_from_anywhere(project, home, tmp_path):
    home = copy_of_store(home, tmp_path / "home")  # servers must not share one
    run("-m", "bentoml", "build", home=home, cwd=project)
    with serving("churn_classifier:latest", home=home, cwd=tmp_path, PYTHONPATH=str(ROOT)) as url:
        reply = requests.post(f"{url}/predict", json={"instances": ROWS[:1].tolist()}, timeout=20)
    assert reply.json() == {"predictions": ["Barolo"]}


def test_what_the_project_says_of_bentoml_is_what_this_project_says(project):
    """The shipped configuration was tried out, value by value."""
    ours, theirs = (yaml.safe_load((folder / "configuration.yaml").read_text()) for folder in (ROOT, project))
    assert theirs["services"]["ChurnClassifier"] == ours["services"]["IrisClassifier"]


def test_a_model_that_is_not_stored_yet_is_named_with_what_saves_it(home, tmp_path):
    output = run("-m", "forest_serving", "new", "loans", "--model", "credit_risk", home=home, cwd=tmp_path)
    assert "forest_serving.save('credit_risk', fitted_model, X)" in output
    assert "class CreditRiskClassifier(" in (tmp_path / "loans" / "service.py").read_text()


def test_what_installs_the_package_is_told_where_python_finds_it_in_its_own_folder_only(tmp_path, monkeypatch):
    """The project's folder is another one."""
    monkeypatch.setattr(sys, "path", [str(ROOT)])
    assert f"pip install dist/forest_serving-{__version__}-py3-none-any.whl\n  cd loans" in welcome("loans", "x", None)
    installed = tmp_path / f"forest_serving-{__version__}.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(f"Name: forest-serving\nVersion: {__version__}\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert "install" not in welcome("loans", "x", None)


def test_a_regressors_project_says_so_and_asks_for_no_probabilities(tmp_path):
    write_project(tmp_path, "diabetes", regression_card())
    service = ast.parse((tmp_path / "service.py").read_text()).body[-1]
    methods = [node.name for node in service.body if isinstance(node, ast.FunctionDef)]
    assert (service.name, methods) == ("DiabetesRegressor", ["__init__", "predict"])
    assert yaml.safe_load((tmp_path / "bentofile.yaml").read_text())["name"] == "diabetes_regressor"


def test_a_readmes_request_can_be_typed_into_a_shell_whatever_the_example_is(tmp_path):
    town = Feature(name="town", categories=("King's Lynn",), takes_missing=True)
    other = msgspec.structs.replace(town, name="other")
    write_project(tmp_path, "rent", card("rent", (town, other), (), example=("King's Lynn", None)))
    line = next(line for line in (tmp_path / "README.md").read_text().splitlines() if line.startswith("curl"))
    assert json.loads(shlex.split(line)[-1]) == {"instances": [["King's Lynn", None]]}


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        ("full", "is not empty; name a new folder."),
        ("file", "is not empty; name a new folder."),
        ("dangling", "is not empty; name a new folder."),
        ("churn_classifier", "call it churn_classifier_project."),
        ("churn_regressor", "call it churn_regressor_project."),
        ("forest_serving", "call it forest_serving_project."),
        ("a b", "letters, digits, _, - and ., not 'a b'."),
        (".hidden", "letters, digits, _, - and ., not '.hidden'."),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_and_left_alone(tmp_path, folder, sentence):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "kept").touch()
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OperatorError, match=re.escape(sentence)):
        main([str(tmp_path / folder), "--model", "churn"])
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["Churn", "a b", "../x", "", "-x"])
def test_a_name_that_no_model_can_have_is_refused(tmp_path, name, capsys):
    with pytest.raises(SystemExit):
        main([str(tmp_path / "new"), f"--model={name}"])
    assert "lower-case letters" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("model", "name"),
    [("churn", "ChurnClassifier"), ("credit_risk-2", "CreditRisk2Classifier"), ("2nd", "Model2ndClassifier")],
)
def test_the_class_is_called_after_the_model(model, name):
    assert class_name(model) == name


def test_every_template_is_in_the_package():
    """A project without its test or its configuration would go unnoticed until it is needed."""
    written = {"service.py", "bentofile.yaml", "configuration.yaml", "requirements.txt", "README.md", "test_service.py"}
    folder = Path(ROOT / "forest_serving" / "host" / "project")
    assert {template.stem for template in folder.glob("*.template")} == written
