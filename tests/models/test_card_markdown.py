"""MODEL_CARD.md: what a model is and how good, for people, out of any card."""

import re

import msgspec
import pytest

from forest_serving.card import Feature, read_card
from forest_serving.models.card_markdown import card_markdown
from forest_serving.models.words import cell
from tests.support.cards import CHURN, YES_NO, card, feature
from tests.support.regression import regression_card

HOLDOUT = {
    "rows": 10,
    "accuracy": 0.9,
    "accuracy_95_interval": [0.6, 0.98],
    "log_loss": 0.3,
    "calibration": {
        "of": "yes, soon",
        "predicted": 0.41,
        "true": 0.4,
        "expected_error": 0.05,
        "bins": [{"from": 0.4, "to": 0.5, "rows": 10, "predicted": 0.41, "true": 0.4, "true_95_interval": [0.2, 0.7]}],
    },
    "per_class": {
        "yes, soon": {"precision": 0.8, "recall": 1.0, "rows": 4},
        "no": {"precision": 1, "recall": 0.83333, "rows": 6},
    },
    "confusion_matrix": [[5, 1], [0, 4]],
}
REPORT = {
    "rows": 40,
    "split": {"how": "drawn at random", "holdout_rows": 10, "seed": 3, "stratified": True},
    "holdout": HOLDOUT,
    "accuracy": 0.9,
    "commonest_class_share": 0.6,
    "permutation_importance": {"plan": 0.1, "charges": 0.3},
    "permutation_importance_of": "10 shuffles of 10 rows",
}
OF_NUMBERS = {
    "split": {"how": "given", "holdout_rows": 20},
    "holdout": {
        "rows": 20,
        "r2": 0.5,
        "r2_95_interval": [0.2, 0.7],
        "error_quantiles": [{"share": 0.05, "error": -7.5}],
        "by_answer": [{"rows": 20, "predicted": 150.0, "true": 151.0}],
    },
}
TAG = "churn_compiled:v1"


def lines(found):
    """Return a page's lines."""
    return card_markdown(TAG, found).splitlines()


def test_every_part_of_a_judged_classifier_is_there():
    page = lines(msgspec.structs.replace(CHURN, report=REPORT, limits=("It knows 2 classes.",)))
    for line in (
        "| hold-out | drawn at random |",
        "| hold-out | accuracy | 0.9 | 0.6 to 0.98 |",
        "| 0.4 to 0.5 | 0.410 | 0.400 | 0.2 to 0.7 | 10 |",
        "| yes, soon | 0 | 4 |",
        "| yes, soon | 0.800 | 1.000 | 4 |",
        "| charges | 0.3000 |",
        "- It knows 2 classes.",
        "Equal to the scikit-learn model for every input: none.",
        f"| SHA-256 of the engine | {'0' * 64} |",
    ):
        assert line in page


def test_classes_stand_in_the_models_order_and_features_in_that_of_their_importance():
    """A stored card is read without the order that its report was written in."""
    page = card_markdown(TAG, msgspec.structs.replace(CHURN, report=REPORT))
    assert page.index("| no | 1.000") < page.index("| yes, soon | 0.800")
    assert page.index("| charges | 0.3000") < page.index("| plan | 0.1000")


def test_a_regressor_has_errors_in_place_of_confusion_and_calibration():
    page = card_markdown("diabetes_compiled:v1", regression_card(report=OF_NUMBERS))
    assert "| hold-out | R² | 0.5 | 0.2 to 0.7 |" in page
    assert "| 5% | -7.5 |" in page
    assert not re.search("## (Confusion|Calibration|Classes)", page)


def test_a_card_without_evaluation_says_how_to_get_one():
    page = card_markdown(TAG, CHURN)
    assert "Saved without evaluation" in page
    assert "test=(X_test, y_test)" in page
    assert "## Scores" not in page


def test_features_tell_what_was_there_and_what_is_answered():
    page = lines(CHURN)
    assert "| tenure | Tenure | months | 0 to 72 | 36 | 0 | from -1 |" in page
    assert "| region | region |  | 3, 7, 12 |  | 0 | other categories, too, missing values, too |" in page
    assert any(line.startswith("| charges | Monthly charges |") and "missing values" in line for line in page)


@pytest.mark.parametrize("name", ["a|b", "a\nb", "<script>", "[a](http://b)", "`a`", "*a*", "\\|"])
def test_names_cannot_break_a_table_or_become_markdown(name):
    """What data calls its columns and classes may hold anything."""
    odd = Feature(name="odd", spellings=(name,), categories=("x",), counts=(1,))
    (line,) = [line for line in lines(card("odd", (odd,), YES_NO)) if line.startswith("| odd |")]
    assert len(re.findall(r"(?<!\\)\|", line.replace("\\\\", ""))) == 8
    assert not re.search(r"(?<!\\)[<`*\[]", line.replace("\\\\", ""))


def test_a_card_of_an_older_version_has_a_page():
    """One without limits, counts, split and calibration."""
    report = {
        "rows": 40,
        "holdout": {"rows": 10, "accuracy": 0.9, "accuracy_95_interval": [0.6, 0.98]},
        "accuracy": 0.9,
        "permutation_importance": {"age": 0.2},
    }
    old = card("old", (feature("age"),), YES_NO, report=report)
    stored = {key: value for key, value in msgspec.to_builtins(old).items() if key != "limits"}
    page = card_markdown("old_compiled:v1", read_card(stored))
    assert "| hold-out | accuracy | 0.9 | 0.6 to 0.98 |" in page
    assert "Not kept with this model." in page


def test_many_classes_are_named_in_part():
    classes = tuple(msgspec.structs.replace(YES_NO[0], label=n, name=f"class {n}") for n in range(300))
    assert "class 29 and 270 more)" in card_markdown(TAG, card("many", classes=classes))


def test_names_are_read_as_they_were_written():
    """Underlines within a name begin nothing and stay as they are; those at its ends would make it bold."""
    assert cell("__index_level_0__ a_b") == r"\_\_index_level_0\_\_ a_b"
    assert cell("~~R&amp;D~~ R&D") == r"\~\~R\&amp;D\~\~ R&D"
