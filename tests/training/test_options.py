"""The options of a training: none is ignored in silence."""

import pytest

from forest_serving.training.gates import Gates
from forest_serving.training.options import training_options
from forest_serving.training.recipe import Recipe
from tests.support.training import LAYOUT


def options(*arguments):
    """Return what a command line asks for."""
    return training_options("", LAYOUT, arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--trees", "0"),
        ("--trees", "many"),
        ("--max-depth", "-1"),
        ("--seed", "-1"),
        ("--min-accuracy", "90"),
        ("--name", "../x"),
        ("--engine", "onnx"),
        ("--colour", "red"),
        ("--max-features", "0"),
        ("--max-features", "1.5"),
        ("--max-features", "most"),
        ("--class-weight", "heavy"),
        ("--min-samples-leaf", "0"),
        ("--label", "cultivar"),
        ("--label", "cultivar", "--csv", "wine.csv"),
        ("--min-auc", "0.9", "--no-evaluate"),
        ("--evaluate", "thorough", "--no-evaluate"),
    ],
)
def test_a_wrong_option_is_refused_by_name(capsys, arguments):
    with pytest.raises(SystemExit) as end:
        options(*arguments)
    assert end.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_data_with_a_label_needs_a_name_so_that_it_replaces_no_other_model(capsys):
    with pytest.raises(SystemExit):
        options("--csv", "wine.csv", "--label", "cultivar")
    assert "--label needs --name, the name of the new model" in capsys.readouterr().err


def test_known_data_has_its_own_gate_and_other_data_none():
    assert options().gates == Gates(accuracy=0.9)
    assert options("--csv", "x.csv", "--label", "y", "--name", "z").gates == Gates()
    assert options("--no-evaluate").gates == Gates()


def test_rows_for_pictures_of_other_data_are_kept_only_if_asked_for():
    other = ("--csv", "x.csv", "--label", "y", "--name", "z")
    assert [options(*more).plot_rows for more in ((), other, (*other, "--plot-rows", "9"), ("--plot-rows", "0"))] == [
        150,
        0,
        9,
        0,
    ]


@pytest.mark.parametrize(("text", "value"), [("all", None), ("log2", "log2"), ("3", 3), ("1", 1), ("0.5", 0.5)])
def test_max_features_is_a_word_a_number_or_a_share(text, value):
    assert options("--max-features", text).recipe == Recipe(max_features=value)


def test_a_recipe_takes_all_options_of_the_forest():
    given = options(
        *("--trees", "7", "--max-depth", "3", "--seed", "2", "--class-weight", "balanced", "--min-samples-leaf", "4")
    )
    assert given.recipe == Recipe(7, 3, 2, "balanced", 4)


def test_help_says_what_each_option_does(capsys):
    with pytest.raises(SystemExit) as end:
        options("--help")
    assert end.value.code == 0
    assert "no number suits all data" in capsys.readouterr().out
