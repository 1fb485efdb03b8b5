"""train_and_save.py without options: the data set that it knows, as users run it."""

import sys

import pytest
import yaml

import train_and_save
from tests.support.training import FEATURES, NAMES, iris_csv, saved, train


def card(home, name="iris_compiled"):
    """Return the card of the newest model of a name in a store, as plain data."""
    tag = (home / "models" / name / "latest").read_text()
    return yaml.safe_load((home / "models" / name / tag / "model.yaml").read_text())["metadata"]


@pytest.fixture
def run(bentoml_home, monkeypatch):
    """Return the command, run in this process on the tests' store: its exit code and its card."""

    def run_it(name, *options):
        arguments = ["train_and_save.py", "--trees", "5", "--name", name, *map(str, options)]
        monkeypatch.setattr(sys, "argv", arguments)
        code = train_and_save.main()
        return code, card(bentoml_home, f"{name}_compiled") if code == 0 else None

    return run_it


def test_training_saves_the_forest_and_the_compiled_model(trained):
    done, home = trained
    assert (done.returncode, done.stderr, saved(home)) == (0, "", ["iris_compiled", "iris_forest"])


@pytest.mark.parametrize(
    "words",
    [
        "95 % interval",
        "cross-validation",
        "precision",
        "recall",
        "macro F1",
        "macro one-vs-rest AUC",
        "permutation importance",
        "seconds:",
        "decision table: ",
        "proved equal for every input",
        "to serve it: FOREST_MODEL=iris bentoml serve",
    ],
)
def test_training_prints_how_good_the_forest_is_and_what_was_done(trained, words):
    assert words in trained[0].stdout


def test_the_card_says_what_the_model_takes_and_gives(trained):
    facts = card(trained[1])
    assert [feature["name"] for feature in facts["features"]] == FEATURES
    assert {feature["unit"] for feature in facts["features"]} == {"cm"}
    assert facts["classes"] == [{"label": label, "name": name} for label, name in enumerate(NAMES)]
    assert (facts["label_column"], facts["example"]) == ("species", [5.1, 3.5, 1.4, 0.2])
    assert (facts["features"][0]["deciles"][0], facts["features"][0]["deciles"][-1]) == (4.3, 7.9)
    assert len(facts["plot_rows"]) == 150


def test_the_card_says_where_the_model_came_from(trained):
    facts = card(trained[1])
    assert facts["forest"].startswith("iris_forest:")
    origin = facts["provenance"]
    assert set(origin["versions"]) == {"python", "forest_serving", "bentoml", "numpy", "scikit-learn", "scipy"}
    assert origin["recipe"]["trees"] == 5
    assert origin["recipe"]["max_depth"] == "no limit"
    assert all(origin[key] for key in ("git_commit", "data_sha256", "inputs_sha256", "trained_at", "seconds"))


def test_the_same_inputs_give_the_same_hash_and_others_another(trained, run):
    assert run("same", "--no-evaluate")[1]["engine_sha256"] == card(trained[1])["engine_sha256"]
    assert run("same", "--no-evaluate", "--seed", "1")[1]["engine_sha256"] != card(trained[1])["engine_sha256"]


def test_a_csv_of_the_same_data_gives_the_same_model(trained, run, tmp_path):
    (tmp_path / "flowers.csv").write_text(iris_csv())
    found = run("csv", "--no-evaluate", "--csv", tmp_path / "flowers.csv")[1]
    assert found["engine_sha256"] == card(trained[1])["engine_sha256"]


def test_if_needed_trains_again_only_for_other_inputs(run, capsys):
    outputs = [
        run("needed", "--if-needed", "--no-evaluate", "--seed", seed)[0] or capsys.readouterr().out for seed in "778"
    ]
    assert ["saved" in output for output in outputs] == [True, False, True]


def test_a_stricter_gate_counts_as_other_inputs(run, capsys):
    """Otherwise --if-needed would let an old model pass a gate that was never applied to it."""
    assert run("gated")[0] == 0
    assert run("gated", "--if-needed", "--min-auc", "1")[0] == 1
    assert "The macro one-vs-rest AUC is below 1.0 (--min-auc); nothing was saved." in capsys.readouterr().err


@pytest.mark.parametrize("engine", ["decision_table", "forest"])
def test_an_engine_can_be_forced(run, engine):
    assert run("forced", "--no-evaluate", "--engine", engine)[1]["engine"] == engine


def test_below_the_wanted_accuracy_nothing_is_saved(run, bentoml_home, capsys):
    assert run("poor", "--min-accuracy", "1")[0] == 1
    assert "below 1.0 (--min-accuracy); nothing was saved" in capsys.readouterr().err
    assert not [name for name in saved(bentoml_home) if name.startswith("poor")]


def test_after_bad_input_the_command_says_one_sentence_and_saves_nothing(tmp_path):
    (tmp_path / "flowers.csv").write_text("")
    done = train(tmp_path, "--csv", tmp_path / "flowers.csv")
    assert (done.returncode, saved(tmp_path), len(done.stderr.splitlines())) == (2, [], 1)


def test_without_evaluation_the_report_is_empty(run, capsys):
    assert run("blind", "--no-evaluate")[1]["report"] == {}
    assert "not evaluated (--no-evaluate)" in capsys.readouterr().out
